/**
 * The places of what waits: the oldest first, and nothing moves while one looks. What
 * comes later comes below; what no longer waits keeps its place as long as something
 * else does.
 */
import type { PendingApproval } from '../../api/queries';

export interface Placed {
  request: PendingApproval;
  /** It was decided, or lapsed, while it was looked at. */
  gone: boolean;
}

const byAge = (a: PendingApproval, b: PendingApproval) =>
  a.created_at.localeCompare(b.created_at) || a.id.localeCompare(b.id);

export function keepPlaces(
  shown: readonly Placed[],
  waiting: readonly PendingApproval[],
): readonly Placed[] {
  if (waiting.length === 0) return [];
  const still = new Map(waiting.map(r => [r.id, r]));
  const had = new Set(shown.map(p => p.request.id));
  return [
    ...shown.map(({ request }) => {
      const now = still.get(request.id);
      return { request: now ?? request, gone: now === undefined };
    }),
    ...waiting
      .filter(r => !had.has(r.id))
      .sort(byAge)
      .map(request => ({ request, gone: false })),
  ];
}
