/** How many grants were in force on each of the last days. */
import { api, type Schemas, take } from '../../api/client';

type Grant = Pick<Schemas['Grant'], 'starts_at' | 'ends_at' | 'ended_at' | 'break_glass'>;

export interface Day {
  /** Midnight at its beginning, where the reader is. */
  at: Date;
  count: number;
  /** How many of them were taken by breaking the glass. */
  glass: number;
}

export function days(grants: readonly Grant[], now: Date, many: number): Day[] {
  return Array.from({ length: many }, (_, i) => {
    const at = new Date(now.getFullYear(), now.getMonth(), now.getDate() - (many - 1 - i));
    const next = new Date(at.getFullYear(), at.getMonth(), at.getDate() + 1);
    const held = grants.filter(
      g => new Date(g.starts_at) < next && new Date(g.ended_at ?? g.ends_at) > at,
    );
    return { at, count: held.length, glass: held.filter(g => g.break_glass).length };
  });
}

const PAGE = 200;
/** More are not read for a picture. */
const MOST = 2000;

/** The grants that began in the last days, newest first. */
export async function recentGrants(since: Date): Promise<Schemas['Grant'][]> {
  const all: Schemas['Grant'][] = [];
  let cursor: string | undefined;
  do {
    const page = await take(
      api.GET('/api/v1/grants', { params: { query: { cursor, limit: PAGE } } }),
    );
    all.push(...page.items);
    cursor = page.next ?? undefined;
    const last = all.at(-1);
    if (last && new Date(last.starts_at) < since) break;
  } while (cursor && all.length < MOST);
  return all;
}
