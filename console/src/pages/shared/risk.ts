/** What speaks for a second look at a request, in the reader's language. */
import type { Schemas } from '../../api/client';
import type { Words } from '../../i18n';
import { duration, moment } from '../../i18n/format';
import type { Tone } from '../../ui/bits';
import { factorText } from './factors';

export type Risk = Schemas['Risk'];
export type Reason = Risk['reasons'][number];

/** What it is asked for. */
export type About = Pick<Schemas['Request'], 'about' | 'about_name'>;

export const TONES: Record<Risk['level'], Tone> = { low: 'ok', medium: 'warn', high: 'bad' };

export function reason(words: Words, r: Reason, { about, about_name: name }: About): string {
  const { t } = words;
  const { fact } = r;
  switch (fact.code) {
    case 'first_time':
      return about.kind === 'Account'
        ? t('risk-first-time', { name })
        : t('risk-first-time-application', { name });
    case 'unusual_hour':
      return t('risk-unusual-hour', { n: fact.sign_ins });
    case 'new_network':
      return t('risk-new-network', { address: fact.address });
    case 'unmanaged_device':
      return fact.known ? t('risk-unmanaged-device') : t('risk-unknown-device');
    case 'critical_account':
      return t('risk-critical-account', { by: fact.by });
    case 'longer_than_before':
      return t('risk-longer', { before: duration(words, fact.before_seconds) });
    case 'broke_glass':
      return t('risk-broke-glass', { n: fact.times });
    case 'weak_proof':
      return t('risk-weak-proof', {
        factors: fact.factors.map(f => factorText(words, f)).join(', '),
      });
    case 'failed_sign_ins':
      return t('risk-failed-sign-ins', { n: fact.times });
    case 'changed_authenticators':
      return t('risk-changed', { at: moment(words.lang, new Date(fact.at)) });
    default:
      // A newer server may know more than this page.
      return r.sentence;
  }
}
