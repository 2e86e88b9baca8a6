/** Why a session ended, in one sentence. */
import type { SessionDetails } from '../../api/queries';
import type { Words } from '../../i18n';

type Ended = Pick<SessionDetails, 'end_cause' | 'end_requested' | 'grant'>;

/**
 * Terminated and revoked are told by the same kind. A session was terminated when
 * somebody asked for its end, and when there is no grant that could be revoked.
 */
export function whyEnded({ t }: Pick<Words, 't'>, s: Ended): string {
  const cause = s.end_cause;
  switch (cause?.kind) {
    case undefined:
      return '';
    case 'expired':
      return t('ended-expired');
    case 'returned':
      return t('ended-returned');
    case 'revoked':
      return t(s.end_requested || !s.grant ? 'ended-terminated' : 'ended-revoked', {
        reason: cause.reason,
      });
    case 'no_longer_permitted':
      return t('ended-no-longer-permitted', { because: cause.because });
  }
}
