/**
 * Who reaches what, as the policy engine itself answers: one question for each
 * pair, a few at a time. There is no second model that could say otherwise.
 */
import { api, take } from '../api/client';
import type { Edge, How } from './layout';

/** More are not asked about. */
export const MOST = 200;
const AT_ONCE = 6;

export interface Answered {
  edges: Edge[];
  requirements: Map<string, string[]>;
  /** More there are than were asked about. */
  cut: boolean;
}

async function all<T>(
  page: (cursor: string | undefined) => Promise<{ items: T[]; next?: string | null }>,
): Promise<{ items: T[]; cut: boolean }> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const found = await page(cursor);
    items.push(...found.items);
    cursor = found.next ?? undefined;
  } while (cursor && items.length < MOST);
  return { items: items.slice(0, MOST), cut: cursor !== undefined || items.length > MOST };
}

/** Runs the work over all items, a few at once. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** The accounts on every target, or on one. */
export async function accounts(target?: string): Promise<{ items: string[]; cut: boolean }> {
  const found = target
    ? { items: [{ name: target }], cut: false }
    : await all(cursor =>
        take(api.GET('/api/v1/targets', { params: { query: { cursor, limit: 200 } } })),
      );
  const names: string[] = [];
  await each(found.items, async ({ name }) => {
    const details = await take(api.GET('/api/v1/targets/{name}', { params: { path: { name } } }));
    names.push(...details.accounts.map(a => `${a.name}@${details.name}`));
  });
  return { items: names.sort().slice(0, MOST), cut: found.cut || names.length > MOST };
}

export async function everybody(): Promise<{ items: string[]; cut: boolean }> {
  const found = await all(cursor =>
    take(api.GET('/api/v1/identities', { params: { query: { cursor, limit: 200 } } })),
  );
  return { items: found.items.filter(i => i.enabled).map(i => i.name), cut: found.cut };
}

function how(kinds: readonly string[]): How {
  if (kinds.length === 0) return 'standing';
  return kinds.every(k => k === 'step_up' || k === 'phishing_resistant') ? 'step_up' : 'request';
}

/** Asks about each pair; whom nothing would let in is not in the answer. */
export async function ask(
  people: readonly string[],
  things: readonly string[],
  told: (done: number, of: number) => void,
): Promise<Pick<Answered, 'edges' | 'requirements'>> {
  const pairs = people.flatMap(who => things.map(what => ({ who, what })));
  const edges: Edge[] = [];
  const requirements = new Map<string, string[]>();
  let done = 0;
  await each(pairs, async ({ who, what }) => {
    const answer = await take(
      api.POST('/api/v1/policies/explain', {
        body: {
          principal: who,
          action: 'session:open',
          resource: what,
          factors: ['password', 'totp'],
        },
      }),
    );
    done += 1;
    told(done, pairs.length);
    const kinds = answer.requirements.map(r => r.kind);
    if (answer.decision === 'deny' && kinds.length === 0) return;
    const ways = answer.policies.map(name => ({ kind: 'policy' as const, name }));
    edges.push({ who, what, how: how(kinds), ways });
    requirements.set(`${who} ${what}`, kinds);
  });
  edges.sort((a, b) => a.who.localeCompare(b.who) || a.what.localeCompare(b.what));
  return { edges, requirements };
}
