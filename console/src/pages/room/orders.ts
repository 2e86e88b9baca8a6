/**
 * What others wanted of a session: freezing, thawing, messages. Taken from the
 * record and never from the marks of a recording, among which the commands of the
 * person stand too: nobody can type somebody else's message.
 */
import { type QueryClient, queryOptions, useQuery } from '@tanstack/react-query';
import { api, type Schemas, take } from '../../api/client';

export type Order = Schemas['SessionOrder'];

/** At most so many pages are read. */
const PAGES = 10;

async function all(id: string): Promise<Order[]> {
  const found: Order[] = [];
  let cursor: string | undefined;
  for (let i = 0; i < PAGES; i += 1) {
    const page = await take(
      api.GET('/api/v1/privileged-sessions/{id}/orders', {
        params: { path: { id }, query: { cursor, limit: 200 } },
      }),
    );
    found.push(...page.items);
    cursor = page.next ?? undefined;
    if (cursor === undefined) break;
  }
  return found;
}

const orders = (id: string) =>
  queryOptions({
    queryKey: ['privileged-sessions', id, 'orders'],
    queryFn: () => all(id),
    retry: false,
  });

/** In the order in which they were given; asked for by whom they are for. */
export function useOrders(id: string, enabled: boolean): readonly Order[] {
  return useQuery({ ...orders(id), enabled }).data ?? [];
}

export const freeze = (id: string, reason: string) =>
  take(
    api.POST('/api/v1/privileged-sessions/{id}/freeze', {
      params: { path: { id } },
      // A reason is one line, wherever it is shown.
      body: { reason: reason.replace(/\s+/g, ' ') },
    }),
  );

export const thaw = (id: string) =>
  take(api.POST('/api/v1/privileged-sessions/{id}/thaw', { params: { path: { id } } }));

export const send = (id: string, text: string, attempt: string) =>
  take(
    api.POST('/api/v1/privileged-sessions/{id}/messages', {
      params: { path: { id }, header: { 'Idempotency-Key': attempt } },
      body: { text },
    }),
  );

export const renew = (client: QueryClient) =>
  client.invalidateQueries({ queryKey: ['privileged-sessions'] });
