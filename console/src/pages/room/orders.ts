/**
 * What others said and did in a session: messages, freezing, thawing. Taken from the
 * record and never from the marks of a recording, among which the commands of the
 * person stand too: nobody can type somebody else's message.
 */
import { type QueryClient, queryOptions, useQuery } from '@tanstack/react-query';
import { api, type Schemas, take } from '../../api/client';
import { useMay } from '../../app/may';

export type Order = {
  id: string;
  kind: 'frozen' | 'thawed' | 'message';
  at: string;
  by: string;
  text: string;
};

/** At most so many pages are read of each. */
const PAGES = 10;

async function all<T>(read: (cursor?: string) => Promise<{ items: T[]; next: string | null }>) {
  const found: T[] = [];
  let cursor: string | undefined;
  for (let i = 0; i < PAGES; i += 1) {
    const page = await read(cursor);
    found.push(...page.items);
    cursor = page.next ?? undefined;
    if (cursor === undefined) break;
  }
  return found;
}

export function ofMessage(m: Schemas['SessionMessage']): Order {
  return { id: `message-${m.number}`, kind: 'message', at: m.at, by: m.by_name, text: m.text };
}

export function ofEvent(e: Schemas['Event']): Order {
  const reason = e.details?.reason;
  return {
    id: e.id,
    kind: e.activity === 'session.frozen' ? 'frozen' : 'thawed',
    at: e.at,
    by: e.actor_name,
    text: typeof reason === 'string' ? reason : '',
  };
}

/** In the order in which they were given. */
export function inOrder(orders: Order[]): Order[] {
  return orders.toSorted((a, b) => new Date(a.at).getTime() - new Date(b.at).getTime());
}

const messages = (id: string) =>
  all(cursor =>
    take(
      api.GET('/api/v1/privileged-sessions/{id}/messages', {
        params: { path: { id }, query: { cursor, limit: 200 } },
      }),
    ),
  );

const events = (id: string, activity: string) =>
  all(cursor =>
    take(
      api.GET('/api/v1/audit/events', {
        params: { query: { privileged_session: id, activity, cursor, limit: 200 } },
      }),
    ),
  );

const orders = (id: string, log: boolean) =>
  queryOptions({
    queryKey: ['privileged-sessions', id, 'orders', log],
    queryFn: async () => {
      const [said, ...done] = await Promise.all([
        messages(id),
        ...(log ? ['session.frozen', 'session.thawed'].map(a => events(id, a)) : []),
      ]);
      return inOrder([...said.map(ofMessage), ...done.flat().map(ofEvent)]);
    },
    retry: false,
  });

/** The orders; freezing and thawing for those who may read the log. */
export function useOrders(id: string): readonly Order[] {
  const may = useMay();
  return useQuery(orders(id, may('audit:read'))).data ?? [];
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
