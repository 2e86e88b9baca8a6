import { describe, expect, it } from 'vitest';
import { days } from './history';

const at = (day: number, hour: number) => new Date(2026, 4, day, hour).toISOString();
const grant = (starts: string, ends: string, ended: string | null = null, break_glass = false) => ({
  starts_at: starts,
  ends_at: ends,
  ended_at: ended,
  break_glass,
});

describe('privilege on request, by day', () => {
  const now = new Date(2026, 4, 10, 12);
  const counts = (...grants: Parameters<typeof days>[0]) => days(grants, now, 3).map(d => d.count);

  it('counts a grant on every day that it was in force', () => {
    expect(counts(grant(at(8, 22), at(9, 2)))).toEqual([1, 1, 0]);
    expect(counts(grant(at(1, 0), at(20, 0)))).toEqual([1, 1, 1]);
    expect(counts()).toEqual([0, 0, 0]);
  });

  it('ends it where it was ended', () => {
    expect(counts(grant(at(8, 10), at(10, 10), at(8, 11)))).toEqual([1, 0, 0]);
  });

  it('does not count the day at whose midnight it ended', () => {
    expect(counts(grant(at(8, 10), at(9, 0)))).toEqual([1, 0, 0]);
  });

  it('tells broken glass apart', () => {
    const all = [grant(at(10, 1), at(10, 2)), grant(at(10, 3), at(10, 4), null, true)];
    expect(days(all, now, 1)).toEqual([{ at: new Date(2026, 4, 10), count: 2, glass: 1 }]);
  });
});
