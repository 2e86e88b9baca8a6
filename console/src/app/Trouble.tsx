/** Pages that are not there, and pages that broke. */
import type { ErrorComponentProps } from '@tanstack/react-router';
import { useCallback, useEffect, useRef } from 'react';
import { problemOf } from '../api/problem';
import { useWords } from '../i18n';
import { ButtonLink } from '../ui/Button';
import { Page, PageHead, useTitle } from '../ui/bits';
import { ProblemNote } from '../ui/ProblemNote';
import { fetchAnew } from './lazy';
import { useConnection } from './live';

export function Missing() {
  const { t } = useWords();
  return (
    <Page narrow>
      <PageHead title={t('missing-title')} lead={t('missing-text')} />
      <div>
        <ButtonLink to="/" kind="primary">
          {t('to-home')}
        </ButtonLink>
      </div>
    </Page>
  );
}

/** A page broke, or its code cannot be fetched; the frame around it stays. */
export function Trouble({ error, reset }: ErrorComponentProps) {
  const { t } = useWords();
  const heading = useTitle();
  const connection = useConnection();
  const was = useRef(connection);
  const code = problemOf(error)?.code;
  const again = useCallback(() => {
    if (code === 'outdated') return location.reload();
    fetchAnew();
    reset();
  }, [code, reset]);
  // Whoever leaves it may come back to a server that answers.
  useEffect(() => fetchAnew, []);
  useEffect(() => {
    const back = was.current !== 'live' && connection === 'live';
    was.current = connection;
    if (back && code === 'offline') again();
  }, [again, code, connection]);
  return (
    <Page narrow>
      <h1 className="hide" tabIndex={-1} ref={heading}>
        {t('problem-unknown')}
      </h1>
      <ProblemNote error={error} onRetry={again} />
    </Page>
  );
}
