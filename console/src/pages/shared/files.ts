/** File operations, as the gateway names them, in words. */
import type { Words } from '../../i18n';

const id = (code: string) => code.replaceAll(' ', '-');

/** An operation that is newer than this page, by its code. */
export function operationText(words: Words, operation: string): string {
  return words.maybe(`file-${id(operation)}`) ?? operation;
}

/** How it ended; nothing when it did what it should. */
export function outcomeText(words: Words, outcome: string): string | undefined {
  if (outcome === 'ok' || outcome === 'success' || outcome === '') return undefined;
  return words.maybe(`file-outcome-${id(outcome)}`) ?? outcome;
}
