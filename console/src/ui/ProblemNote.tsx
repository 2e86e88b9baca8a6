/** A refusal, for a person: what happened, what would change it, its code. */
import { useEffect } from 'react';
import { type Problem, problemOf, type Requirement } from '../api/problem';
import { onRenewed, signInAgain, stepUp } from '../api/session';
import { useWords, type Words } from '../i18n';
import { duration } from '../i18n/format';
import { Button } from './Button';
import { Notice } from './bits';
import css from './ProblemNote.module.css';

/** What would have to be done, as half a sentence. */
export function requirement(words: Words, r: Requirement): string {
  switch (r.kind) {
    case 'step_up':
      return words.t('requirement-step-up');
    case 'phishing_resistant':
      return words.t('requirement-passkey');
    case 'reason':
      return words.t('requirement-reason');
    case 'approvals':
      return words.t('requirement-approvals', { count: r.count });
    case 'max_duration':
      return words.t('requirement-duration', { duration: duration(words, r.seconds) });
    case 'managed_device':
      return words.t('requirement-device');
  }
}

/** Several, as a list in words. */
export function requirements(words: Words, all: readonly Requirement[]): string {
  const list = new Intl.ListFormat(words.lang, { type: 'conjunction' });
  return list.format(all.map(r => requirement(words, r)));
}

export function problemTitle(words: Words, p: Problem): string {
  if (p.stepUp) return words.t('problem-step-up');
  return (
    words.maybe(`problem-${p.code.replaceAll('_', '-')}`) ?? (p.title || words.t('problem-unknown'))
  );
}

function what(words: Words, p: Problem): string {
  if (p.stepUp)
    return words.t(p.phishingResistant ? 'problem-step-up-passkey' : 'problem-step-up-any');
  if (p.code === 'not_permitted') {
    return p.requirements.length > 0
      ? words.t('problem-not-permitted-until', { list: requirements(words, p.requirements) })
      : words.t('problem-not-permitted-ever');
  }
  return p.code === 'unauthenticated' ? '' : p.detail;
}

/**
 * The refusal of a query or a change. `onRetry` runs again after a fresh proof,
 * and by its button.
 */
export function ProblemNote({
  error,
  onRetry,
  sends,
}: {
  error: unknown;
  onRetry?: (() => void) | undefined;
  /** A button that sends it again stands below: here is none. */
  sends?: boolean;
}) {
  const words = useWords();
  const p = problemOf(error);
  const waits = p !== undefined && (p.stepUp || p.code === 'unauthenticated');
  useEffect(() => {
    if (!waits || !onRetry) return;
    return onRenewed(onRetry);
  }, [waits, onRetry]);
  if (!p) return null;
  const text = what(words, p);
  return (
    <Notice
      tone={p.stepUp ? 'warn' : 'bad'}
      title={problemTitle(words, p)}
      action={
        p.stepUp ? (
          <Button kind="primary" slim onClick={() => stepUp(p.phishingResistant)}>
            {words.t('step-up')}
          </Button>
        ) : p.code === 'unauthenticated' ? (
          <Button kind="primary" slim onClick={signInAgain}>
            {words.t('sign-in-again')}
          </Button>
        ) : (
          onRetry &&
          !sends && (
            <Button slim onClick={onRetry}>
              {words.t('try-again')}
            </Button>
          )
        )
      }
    >
      {text && <p>{text}</p>}
      {/* That a fresh proof is missing is no refusal. */}
      {!p.stepUp && (
        <p className={css.next}>
          {words.maybe(`problem-${p.code.replaceAll('_', '-')}-next`)}{' '}
          <code className={css.code}>{p.code}</code>
        </p>
      )}
      {p.policies.length > 0 && (
        <p className={css.next}>{words.t('problem-policies', { names: p.policies.join(', ') })}</p>
      )}
    </Notice>
  );
}
