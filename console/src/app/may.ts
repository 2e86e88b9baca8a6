/**
 * What the reader may do over the whole house, as the server decides it. It only
 * says what is drawn: the API refuses what is not permitted, whatever is drawn.
 */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, type Schemas, take } from '../api/client';

export type Action = Schemas['Action'];

/** At once or after a fresh proof: both are drawn. */
async function ask(): Promise<ReadonlySet<Action>> {
  const { now, step_up } = await take(api.GET('/api/v1/own/permissions'));
  return new Set([...now, ...step_up]);
}

export const permissions = () =>
  queryOptions({ queryKey: ['may'], queryFn: ask, staleTime: 5 * 60_000 });

export function useMay(): (action: Action | undefined) => boolean {
  const { data } = useQuery(permissions());
  return action => action === undefined || data?.has(action) === true;
}
