/**
 * What changes while one looks. The server says which kind of thing changed;
 * the queries of that kind are asked again. A stream that breaks is opened again
 * and resumes where it was.
 */
import type { Query, QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { ended, isOver, onRenewed } from '../api/session';
import { isLong } from '../list/long';

export type Connection = 'connecting' | 'live' | 'broken';

let connection: Connection = 'connecting';
const listeners = new Set<() => void>();

function put(next: Connection): void {
  if (next === connection) return;
  connection = next;
  for (const l of listeners) l();
}

export function useConnection(): Connection {
  return useSyncExternalStore(
    l => {
      listeners.add(l);
      return () => listeners.delete(l);
    },
    () => connection,
  );
}

/** Which queries show things of this kind; by the first word of their keys. */
const SHOWN: Record<string, readonly string[]> = {
  identity: ['identities', 'session', 'access', 'overview'],
  left: ['identities', 'privileged-sessions', 'grants', 'overview', 'access'],
  team: ['groups', 'identities', 'access'],
  group: ['groups', 'identities', 'access'],
  role: ['roles', 'identities', 'access'],
  membership: ['groups', 'roles', 'identities', 'access', 'privileged-sessions'],
  target: ['targets', 'own-targets', 'access'],
  account: ['targets', 'own-targets', 'access'],
  application: ['applications', 'own-applications'],
  policy: ['policies', 'own-targets', 'own-applications', 'may', 'access', 'privileged-sessions'],
  request: ['requests', 'approvals', 'grants', 'overview'],
  grant: ['grants', 'requests', 'own-targets', 'own-applications', 'access', 'overview'],
  privileged_session: ['privileged-sessions', 'overview'],
  session: ['own-sessions', 'session'],
  token_family: [],
  confirmation: [],
  authenticator: ['authenticators'],
  device: ['devices'],
  secret: ['secrets'],
  seal: ['status', 'seal'],
  webhook: ['webhooks'],
  node: ['nodes'],
};

const BATCH = 150;
const AGAIN = [1000, 2000, 5000, 10_000, 20_000];

const followers = new Set<() => void>();

/** Tells of every change, whatever it is of, a few at a time. */
export function onChange(listener: () => void): () => void {
  followers.add(listener);
  return () => followers.delete(listener);
}

/** The words of keys that a change of this kind makes old. */
export function touched(kind: string): readonly string[] {
  return SHOWN[kind.replaceAll('-', '_')] ?? [`${kind.replaceAll('_', '-')}s`];
}

export function followChanges(client: QueryClient): void {
  let source: EventSource | undefined;
  let tries = 0;
  let lost = false;
  let waiting = new Set<string>();
  let soon = false;

  const flush = () => {
    soon = false;
    const words = waiting;
    waiting = new Set();
    const old = (q: Query) => words.has(String(q.queryKey[0]));
    client.invalidateQueries({ predicate: q => old(q) && !isLong(q.state.data) });
    client.invalidateQueries({
      predicate: q => old(q) && isLong(q.state.data),
      refetchType: 'none',
    });
    for (const f of followers) f();
  };
  const change = (event: MessageEvent<string>) => {
    try {
      const { kind } = JSON.parse(event.data) as { kind?: unknown };
      if (typeof kind !== 'string') return;
      for (const word of touched(kind)) waiting.add(word);
      if (!soon) setTimeout(flush, BATCH);
      soon = true;
    } catch {
      // A line that cannot be read changes nothing.
    }
  };
  const open = () => {
    source = new EventSource('/api/v1/live');
    source.addEventListener('change', change);
    source.addEventListener('over', () => {
      source?.close();
      put('broken');
      ended();
    });
    source.addEventListener('open', () => {
      put('live');
      tries = 0;
      // What happened in between may be more than the server remembers.
      if (lost) client.invalidateQueries();
      lost = false;
    });
    source.addEventListener('error', () => {
      lost = true;
      put('broken');
      if (source?.readyState === EventSource.CLOSED && !isOver()) again();
    });
  };
  const again = () => {
    source?.close();
    const wait = AGAIN[Math.min(tries, AGAIN.length - 1)] ?? 20_000;
    tries += 1;
    setTimeout(open, wait);
  };
  onRenewed(() => {
    source?.close();
    tries = 0;
    open();
  });
  open();
}
