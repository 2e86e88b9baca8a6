/** What a list asks the server: words, an order, a page; filters as their type. */
import { moment } from '../forms/moment';
import type { PageAsk } from './types';

/**
 * The query of a list call. What comes from an address that somebody wrote by
 * hand may be no order that the server knows; it then says so.
 */
export function pageOf<M extends object>(ask: PageAsk, more: M) {
  const sort = ask.sort === '' ? undefined : `${ask.desc ? '-' : ''}${ask.sort}`;
  return {
    params: {
      query: {
        ...more,
        q: ask.q.trim() || undefined,
        sort: sort as never,
        cursor: ask.cursor,
        limit: ask.limit,
      },
    },
    signal: ask.signal,
  };
}

export function yes(text: string | undefined): boolean | undefined {
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

export function one<V extends string>(
  text: string | undefined,
  options: readonly V[],
): V | undefined {
  return options.find(o => o === text);
}

export function when(text: string | undefined): string | undefined {
  return moment(text ?? '') ?? undefined;
}

export function some(text: string | undefined): string | undefined {
  return text?.trim() || undefined;
}
