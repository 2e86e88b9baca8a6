/**
 * What is one's own, searched: what was read whole is searched here, as one types;
 * of what is longer, the server is asked.
 */
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import {
  type How,
  type OwnApplication,
  ownApplications,
  ownTargets,
  type Reach,
} from '../../api/queries';

/** After the last letter. */
const PAUSE = 200;

export function fits(wanted: string, ...texts: (string | null | undefined)[]): boolean {
  const needle = wanted.trim().toLowerCase();
  return needle === '' || texts.some(t => t?.toLowerCase().includes(needle));
}

const SOON: readonly How[] = ['now', 'step_up', 'managed_device', 'request'];

/** What is open now first; else as they come. */
export function soonest<T extends { how: How }>(all: readonly T[]): T[] {
  return [...all].sort((a, b) => SOON.indexOf(a.how) - SOON.indexOf(b.how));
}

/** What the server is asked for: nothing in particular, when all is here already. */
export function asked(wanted: string, whole: boolean): string {
  return whole ? '' : wanted.trim();
}

/** What was typed, once nobody types any more. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    if (text === settled) return;
    const timer = setTimeout(() => setSettled(text), PAUSE);
    return () => clearTimeout(timer);
  }, [text, settled]);
  return settled;
}

interface Pages<T> {
  data: { pages: { items: T[] }[] } | undefined;
  hasNextPage: boolean;
  isFetching: boolean;
  isFetchingNextPage: boolean;
  isPending: boolean;
  isSuccess: boolean;
  error: Error | null;
  fetchNextPage: () => unknown;
  refetch: () => unknown;
}

/** A page may hold nothing that can be had, and others after it do. */
function useShown<T>(first: Pages<T>, found: Pages<T>, keep: (item: T) => boolean) {
  const items = found.data?.pages.flatMap(p => p.items).filter(keep) ?? [];
  const { hasNextPage: more, isFetching: busy, fetchNextPage: next } = found;
  const nothing = items.length === 0;
  useEffect(() => {
    if (nothing && more && !busy) next();
  }, [nothing, more, busy, next]);
  return {
    items,
    more,
    next,
    busy: found.isFetchingNextPage,
    isPending: first.isPending,
    isSuccess: found.isSuccess && !(nothing && more),
    error: found.error,
    refetch: found.refetch,
  };
}

export function useOwnTargets(wanted = '', how?: How) {
  const settled = useSettled(wanted);
  const first = useInfiniteQuery(ownTargets({ how }));
  const whole = !first.hasNextPage;
  const found = useInfiniteQuery({
    ...ownTargets({ q: asked(settled, whole), how }),
    placeholderData: old => old,
  });
  return useShown<Reach>(first, found, r => fits(wanted, r.name, r.kind));
}

export function useOwnApplications(wanted = '', how?: How) {
  const settled = useSettled(wanted);
  const first = useInfiniteQuery(ownApplications({ how }));
  const whole = !first.hasNextPage;
  const found = useInfiniteQuery({
    ...ownApplications({ q: asked(settled, whole), how }),
    placeholderData: old => old,
  });
  return useShown<OwnApplication>(first, found, a => fits(wanted, a.title, a.description, a.name));
}

/** The command for one's own client; from the list, when it has been read. */
export function useCommand(name: string | undefined): string | undefined {
  const client = useQueryClient();
  const { queryKey } = ownTargets();
  const here = client
    .getQueryData(queryKey)
    ?.pages.flatMap(p => p.items)
    .find(r => r.name === name);
  const asked = ownTargets({ q: name ?? '' });
  const found = useInfiniteQuery({
    ...asked,
    enabled: name !== undefined && here === undefined,
  });
  const there = found.data?.pages.flatMap(p => p.items).find(r => r.name === name);
  return (here ?? there)?.command ?? undefined;
}
