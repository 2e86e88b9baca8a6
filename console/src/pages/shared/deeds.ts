/**
 * What is drawn of what changes the house: what the server says beforehand that the
 * reader may, and of the rest what somebody could who changes anything at all.
 */
import { type Action, useMay } from '../../app/may';

type May = (action: Action | undefined) => boolean;

/** What the server tells nobody beforehand over the whole house. */
const UNTOLD: readonly Action[] = ['credential:rotate', 'grant:revoke'];

/** Whoever may none of these only reads. */
const CHANGES: readonly Action[] = [
  'secret:write',
  'identity:write',
  'device:manage',
  'group:write',
  'role:write',
  'application:write',
  'target:write',
  'policy:write',
  'seal:manage',
  'settings:write',
];

export function drawn(may: May, action: Action): boolean {
  return may(action) || (UNTOLD.includes(action) && CHANGES.some(may));
}

export function useDeeds(): (action: Action) => boolean {
  const may = useMay();
  return action => drawn(may, action);
}
