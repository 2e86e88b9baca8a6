/** Pages that are not there, and pages that broke. */
import type { ErrorComponentProps } from '@tanstack/react-router';
import { useWords } from '../i18n';
import { ButtonLink } from '../ui/Button';
import { Empty, Page } from '../ui/bits';
import { ProblemNote } from '../ui/ProblemNote';

export function Missing() {
  const { t } = useWords();
  return (
    <Page narrow>
      <Empty
        title={t('missing-title')}
        action={
          <ButtonLink to="/" kind="primary">
            {t('to-home')}
          </ButtonLink>
        }
      >
        {t('missing-text')}
      </Empty>
    </Page>
  );
}

export function Trouble({ error, reset }: ErrorComponentProps) {
  return (
    <Page narrow>
      <ProblemNote error={error} onRetry={reset} />
    </Page>
  );
}
