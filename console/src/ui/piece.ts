/**
 * A part of a page whose code is fetched when it is needed: what dialogs and menus are
 * made of. Code that cannot be fetched leaves the page as it is, and says so.
 */
import { type ComponentType, useEffect, useRef, useState } from 'react';
import { useWords } from '../i18n';
import { say } from './toast';

export interface Piece<P> {
  /** Once it is here. */
  readonly found: ComponentType<P> | undefined;
  /** Fetches it; a failure is forgotten, so that the next one may succeed. */
  fetch: () => Promise<void>;
  /** For who is about to need it. */
  prepare: () => void;
}

export function piece<P>(load: () => Promise<{ default: ComponentType<P> }>): Piece<P> {
  let found: ComponentType<P> | undefined;
  const fetch = async () => {
    found ??= (await load()).default;
  };
  return {
    get found() {
      return found;
    },
    fetch,
    prepare: () => {
      fetch().catch(() => undefined);
    },
  };
}

/** It, once it is here; `missed` is told when it does not come. */
export function usePiece<P>(wanted: Piece<P>, missed: () => void): ComponentType<P> | undefined {
  const { t } = useWords();
  const [, put] = useState(0);
  const told = useRef(missed);
  told.current = missed;
  useEffect(() => {
    if (wanted.found) return;
    let here = true;
    wanted.fetch().then(
      () => here && put(n => n + 1),
      () => {
        if (!here) return;
        say(t('problem-offline'));
        told.current();
      },
    );
    return () => {
      here = false;
    };
  }, [wanted, t]);
  return wanted.found;
}
