/**
 * Lists that the server sifts: a page may hold less than was asked for, or nothing, and
 * others after it more. So many such pages are read by themselves; then the reader says
 * whether to look on.
 */
import type { PageOf } from './types';

/** So many short pages are read before somebody says so, and after each time. */
export const LOOKS = 6;

/** How many pages hold less than was asked for, although they are not the last. */
export function shortPages(pages: readonly PageOf<unknown>[], asked: number): number {
  return pages.filter(p => p.next && p.items.length < asked).length;
}
