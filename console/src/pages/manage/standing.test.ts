import { describe, expect, it } from 'vitest';
import { type AccessDay, change, drawn, led } from './standing';

const day = (day: string, pairs: number): AccessDay => ({
  day: `${day}T00:00:00Z`,
  measured_at: `${day}T23:10:00Z`,
  people: 1,
  workloads: 0,
  accounts: 1,
  pairs,
  granted_identities: 0,
  granted_accounts: 0,
  granted_pairs: 0,
  broken_glass_pairs: 0,
  complete: true,
});

describe('standing privilege, by day', () => {
  // As the server gives them: the newest first.
  const found = [day('2026-03-01', 5), day('2026-02-27', 9), day('2026-01-05', 40)];

  it('draws the days in order, and those that nobody measured as gaps', () => {
    const days = drawn(found, 4);
    expect(days.map(d => d.key)).toEqual(['2026-02-26', '2026-02-27', '2026-02-28', '2026-03-01']);
    expect(days.map(d => d.measured?.pairs)).toEqual([undefined, 9, undefined, 5]);
  });

  it('begins with the first day that was ever measured', () => {
    expect(drawn(found.slice(0, 2)).map(d => d.key)[0]).toBe('2026-02-27');
    expect(drawn([])).toEqual([]);
  });

  it('says how much more or less stands than at the beginning', () => {
    expect(change(drawn(found, 4))).toBe(-4);
    expect(change(drawn(found.slice(0, 1)))).toBeUndefined();
  });

  it('leads from a day of the past to what happened since the measurement before', () => {
    const days = drawn(found, 4);
    const at = (text: string | undefined) => new Date(text ?? '').toISOString();
    const [first, last] = [days[1]?.measured, days[3]?.measured];
    if (!first || !last) throw new Error('not measured');
    const { changes, granted } = led(days, last);
    expect([changes['f.since'], changes['f.until']].map(at)).toEqual([
      '2026-02-27T23:10:00.000Z',
      '2026-03-01T23:10:00.000Z',
    ]);
    expect(at(granted['f.in_force_at'])).toBe('2026-03-01T23:10:00.000Z');
    // Before the first that is drawn there may be others: its own day is what it shows.
    expect(at(led(days, first).changes['f.since'])).toBe('2026-02-27T00:00:00.000Z');
  });
});
