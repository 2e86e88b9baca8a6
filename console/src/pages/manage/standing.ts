/** How much privilege stands and stood, as the server measured it. */
import type { Schemas } from '../../api/client';
import { local } from '../../forms/moment';

export type AccessDay = Schemas['AccessDay'];

/** How many days are drawn. */
export const DAYS = 14;

export interface Drawn {
  /** The day in UTC, which is what the server measures by: `2026-01-31`. */
  key: string;
  /** What was measured on it; nothing, when nobody did. */
  measured: AccessDay | undefined;
}

/** The last days up to the newest measured one, the oldest first; days that nobody measured too. */
export function drawn(found: readonly AccessDay[], many = DAYS): Drawn[] {
  const by = new Map(found.map(d => [d.day.slice(0, 10), d]));
  const measured = [...by.keys()].sort();
  const [oldest, newest] = [measured.at(0), measured.at(-1)];
  if (oldest === undefined || newest === undefined) return [];
  const days: Drawn[] = [];
  for (let i = many - 1; i >= 0; i--) {
    const at = new Date(newest);
    at.setUTCDate(at.getUTCDate() - i);
    const key = at.toISOString().slice(0, 10);
    if (key >= oldest) days.push({ key, measured: by.get(key) });
  }
  return days;
}

/** How much more or less stands than on the first day that is drawn. */
export function change(days: readonly Drawn[]): number | undefined {
  const measured = days.flatMap(d => d.measured ?? []);
  const [first, last] = [measured.at(0), measured.at(-1)];
  return first && last && first !== last ? last.pairs - first.pairs : undefined;
}

/** What of the past is kept: what changed who reaches what, and the grants. */
export interface Led {
  /** To the records between the measurement before and this one. */
  changes: Record<string, string>;
  /** To the grants in force when it was measured. */
  granted: Record<string, string>;
}

/** Where the numbers of a day lead that is over: who it was is not counted. */
export function led(days: readonly Drawn[], day: AccessDay): Led {
  const before = days
    .flatMap(d => d.measured ?? [])
    .filter(d => d.measured_at < day.measured_at)
    .at(-1);
  return {
    changes: {
      'f.changes': 'access',
      'f.since': local(before?.measured_at ?? day.day, 'second'),
      'f.until': local(day.measured_at, 'second'),
    },
    granted: { tab: 'grants', 'f.in_force_at': local(day.measured_at, 'second') },
  };
}
