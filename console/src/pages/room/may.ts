/**
 * What the reader may do with one session, as the server decided it for this one. It
 * only says what is drawn: the API refuses what is not permitted, whatever is drawn.
 */
import type { SessionDetails } from '../../api/queries';
import type { Action } from '../../app/may';

/** At once or after a fresh proof: both are drawn. */
export function mayHere({ permissions: p }: Pick<SessionDetails, 'permissions'>) {
  const all = new Set<Action>([...p.now, ...p.step_up]);
  return (action: Action) => all.has(action);
}

/** Whether they may see what happens in it: as it happens, or as it is kept. */
export function seesInto(s: Pick<SessionDetails, 'permissions' | 'state'>): boolean {
  const may = mayHere(s);
  return may('recording:play') || (s.state !== 'ended' && may('session:watch'));
}
