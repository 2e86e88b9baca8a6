/** Effective access, as the API has it, for the picture of it. */
import type { LinkProps } from '@tanstack/react-router';
import { api, type Schemas, take } from '../api/client';
import type { Edge, How, Way } from './layout';

export type Access = Schemas['EffectiveAccess'];

/** Whose, or to what. */
export interface Question {
  who?: string | undefined;
  group?: string | undefined;
  what?: string | undefined;
}

/** What a grant gives now is not standing: it ends. */
export function howOf(a: Pick<Access, 'how' | 'standing'>): How {
  if (a.how !== 'now') return a.how;
  return a.standing ? 'standing' : 'granted';
}

/** By what: the last step of a chain is what matters; several are needed together. */
export function wayOf(path: Schemas['AccessPath']): Way {
  const ends = path.chains.flatMap(chain => chain.at(-1) ?? []);
  const [first] = ends;
  if (!first) return { kind: 'direct', name: '' };
  if (ends.length === 1) return { kind: first.kind, name: first.name };
  return { kind: 'combined', name: ends.map(e => e.name).join(' + ') };
}

/** The whole way in words: `staff › engineers`. */
export function pathText(path: Schemas['AccessPath']): string {
  return path.chains.map(chain => chain.map(s => s.name).join(' › ')).join(' + ');
}

export function edgeOf(a: Access): Edge {
  return { who: a.who, what: a.what, how: howOf(a), ways: a.paths.map(wayOf) };
}

/** The page of what is reached: of an account, its target's. */
export function pageOfWhat(name: string): LinkProps {
  const [, target] = name.split('@');
  return target === undefined
    ? { to: '/manage/applications/$name', params: { name } }
    : { to: '/manage/targets/$name', params: { name: target } };
}

/** The page of those who reach it. */
export function pageOfWho(name: string, group: boolean): LinkProps {
  return { to: group ? '/manage/groups/$name' : '/manage/people/$name', params: { name } };
}

const PAGE = 200;
/** A picture of more than this says nothing that its table would not say better. */
export const MOST = 2000;

/** All of it, page by page, for a picture. */
export async function everything(
  q: Question,
  told: (count: number) => void,
  signal: AbortSignal,
): Promise<{ items: Access[]; cut: boolean }> {
  const items: Access[] = [];
  let cursor: string | undefined;
  do {
    const query = { ...q, cursor, limit: PAGE };
    const page = await take(api.GET('/api/v1/access', { params: { query }, signal }));
    items.push(...page.items);
    told(items.length);
    cursor = page.next ?? undefined;
  } while (cursor && items.length < MOST);
  return { items, cut: cursor !== undefined };
}
