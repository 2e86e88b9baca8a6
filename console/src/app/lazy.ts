/**
 * Pages whose code is fetched when they are needed. Code that cannot be fetched is a
 * trouble of that page alone: the frame stays, and it is fetched again when asked to.
 */
import { type ComponentType, createElement, use } from 'react';
import { Problem } from '../api/problem';

type Load = () => Promise<{ default: ComponentType }>;

/** Forget that the code of pages could not be fetched. */
const forget = new Set<() => void>();

export function fetchAnew(): void {
  for (const f of forget) f();
}

/** Whether a server answers at all. */
async function answers(): Promise<boolean> {
  return fetch('/console/', { method: 'HEAD', cache: 'no-store' }).then(
    r => r.ok,
    () => false,
  );
}

/** A server that answers but lacks the code is another version of it. */
export async function whyNot(): Promise<Problem> {
  return (await answers()) ? new Problem('outdated', '', '', 0) : Problem.offline();
}

export function lazyPage(load: Load, why: () => Promise<Problem> = whyNot) {
  let page: ComponentType | undefined;
  let trouble: Problem | undefined;
  let asked: Promise<void> | undefined;
  forget.add(() => {
    if (trouble) asked = trouble = undefined;
  });
  const preload = (): Promise<void> => {
    asked ??= load().then(
      ({ default: found }) => {
        page = found;
      },
      async () => {
        trouble = await why();
      },
    );
    return asked;
  };
  /** Throws what is in the way; waits while it is being fetched. */
  const draw = () => {
    if (!page && !trouble) use(preload());
    if (!page) throw trouble;
    return createElement(page);
  };
  return Object.assign(draw, { preload });
}

/** A sheet or a script that could not be fetched is not taken for one that was. */
export function dropBroken(): void {
  addEventListener('error', e => e.target instanceof HTMLLinkElement && e.target.remove(), true);
}
