/** Pages that are not there, and pages that broke. */
import type { ErrorComponentProps } from '@tanstack/react-router';
import { useWords } from '../i18n';
import { ButtonLink } from '../ui/Button';
import { Page, PageHead } from '../ui/bits';
import { ProblemNote } from '../ui/ProblemNote';

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

export function Trouble({ error, reset }: ErrorComponentProps) {
  const { t } = useWords();
  return (
    <Page narrow>
      <h1 className="hide">{t('problem-unknown')}</h1>
      <ProblemNote error={error} onRetry={reset} />
    </Page>
  );
}
