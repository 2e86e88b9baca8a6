/** What people prove with, in words. */
import type { Words } from '../../i18n';

/** A factor that is newer than this page, by its code. */
export function factorText(words: Words, factor: string): string {
  return words.maybe(`factor-${factor.replaceAll('_', '-')}`) ?? factor;
}
