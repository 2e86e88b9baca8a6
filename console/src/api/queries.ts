/** What pages ask for, by the word that `app/live.ts` makes old. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, type Schemas, take } from './client';
import { known } from './session';

export const session = () =>
  queryOptions({
    queryKey: ['session'],
    queryFn: async () => {
      const now = await take(api.GET('/api/v1/session'));
      known(now);
      return now;
    },
    staleTime: 60_000,
  });

export const status = () =>
  queryOptions({
    queryKey: ['status'],
    queryFn: () => take(api.GET('/api/v1/status')),
    staleTime: 10_000,
  });

export type Request = Schemas['Request'];
export type Grant = Schemas['Grant'];
export type PrivilegedSession = Schemas['PrivilegedSession'];
export type SessionDetails = Schemas['PrivilegedSessionDetails'];

/** Requests that wait for the reader's word. */
export const approvals = () =>
  queryOptions({
    queryKey: ['approvals'],
    queryFn: async () => (await take(api.GET('/api/v1/own/approvals'))).items,
  });

export type PendingApproval = Schemas['PendingApproval'];

export const ownGrants = () =>
  queryOptions({
    queryKey: ['grants', 'own'],
    queryFn: () => take(api.GET('/api/v1/own/grants', { params: { query: { limit: 200 } } })),
  });

export const liveGrants = () =>
  queryOptions({
    queryKey: ['grants', 'live'],
    queryFn: () =>
      take(api.GET('/api/v1/grants', { params: { query: { state: 'live', limit: 200 } } })),
  });

export const grant = (id: string) =>
  queryOptions({
    queryKey: ['grants', id],
    queryFn: () => take(api.GET('/api/v1/grants/{id}', { params: { path: { id } } })),
  });

export const request = (id: string) =>
  queryOptions({
    queryKey: ['requests', id],
    queryFn: () => take(api.GET('/api/v1/requests/{id}', { params: { path: { id } } })),
  });

export const privilegedSession = (id: string) =>
  queryOptions({
    queryKey: ['privileged-sessions', id],
    queryFn: () => take(api.GET('/api/v1/privileged-sessions/{id}', { params: { path: { id } } })),
  });

export const watchers = (id: string) =>
  queryOptions({
    queryKey: ['privileged-sessions', id, 'watchers'],
    queryFn: () =>
      take(api.GET('/api/v1/privileged-sessions/{id}/watchers', { params: { path: { id } } })),
    retry: false,
  });

export const commands = (id: string, live: boolean) =>
  infiniteQueryOptions({
    queryKey: ['privileged-sessions', id, 'commands'],
    queryFn: ({ pageParam }) =>
      take(
        api.GET('/api/v1/privileged-sessions/{id}/commands', {
          params: { path: { id }, query: { cursor: pageParam, limit: 200 } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: last => last.next ?? undefined,
    refetchInterval: live ? 10_000 : false,
  });

export const files = (id: string, live: boolean) =>
  infiniteQueryOptions({
    queryKey: ['privileged-sessions', id, 'files'],
    queryFn: ({ pageParam }) =>
      take(
        api.GET('/api/v1/privileged-sessions/{id}/files', {
          params: { path: { id }, query: { cursor: pageParam, limit: 200 } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: last => last.next ?? undefined,
    refetchInterval: live ? 10_000 : false,
  });

/** How something can be had, as the lists of what is one's own are filtered. */
export type How = Schemas['Reach']['how'];

/** So much of them comes at once: all of it, for most people. */
const OWN = 200;

export interface OwnAsk {
  q?: string;
  how?: How | undefined;
}

export const ownApplications = ({ q = '', how }: OwnAsk = {}) =>
  infiniteQueryOptions({
    queryKey: ['own-applications', q, how],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/own/applications', {
          params: { query: { q: q || undefined, how, cursor: pageParam, limit: OWN } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: last => last.next ?? undefined,
  });

export const ownTargets = ({ q = '', how }: OwnAsk = {}) =>
  infiniteQueryOptions({
    queryKey: ['own-targets', q, how],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/own/targets', {
          params: { query: { q: q || undefined, how, cursor: pageParam, limit: OWN } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: last => last.next ?? undefined,
  });

export type Reach = Schemas['Reach'];
export type OwnApplication = Schemas['OwnApplication'];
