/** What a test of a sign-in found, as people read it. */
import type { Schemas } from '../../api/client';
import { moment } from '../../i18n/format';

export const TONES: Record<Schemas['SignInTestOutcome'], 'ok' | 'warn' | 'bad'> = {
  works: 'ok',
  consent: 'ok',
  step_up: 'warn',
  denied: 'bad',
  error: 'bad',
};

/** Claims that are seconds since 1970. */
const MOMENTS = ['iat', 'exp', 'auth_time', 'updated_at'];

/** A claim as it is sent, and beside a number of seconds which moment that is. */
export function claimText(lang: string, name: string, value: unknown): string {
  if (MOMENTS.includes(name) && typeof value === 'number')
    return `${value} (${moment(lang, new Date(value * 1000))})`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
