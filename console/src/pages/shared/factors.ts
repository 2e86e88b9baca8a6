/** What people prove with, in words. */
import type { Words } from '../../i18n';

/** What the server calls an authenticator whose owner gave it no name, in English. */
const UNNAMED: Record<string, string> = {
  password: 'Password',
  totp: 'Authenticator app',
  passkey: 'Passkey',
};

/** What its owner calls it; nothing when it has only the name of its kind. */
export function ownLabel(a: { factor: string; label: string }): string {
  return a.label === UNNAMED[a.factor] ? '' : a.label;
}

/** A factor that is newer than this page, by its code. */
export function factorText(words: Words, factor: string): string {
  return words.maybe(`factor-${factor.replaceAll('_', '-')}`) ?? factor;
}
