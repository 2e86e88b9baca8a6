/** Where a window comes back to after a proof: it tells the others and closes. */
import { useEffect } from 'react';
import { announce } from '../../api/session';
import { useWords } from '../../i18n';
import { ButtonLink } from '../../ui/Button';
import { Page, PageHead } from '../../ui/bits';

export default function Back() {
  const { t } = useWords();
  useEffect(() => {
    announce();
    close();
  }, []);
  return (
    <Page narrow>
      <PageHead title={t('back-title')} lead={t('back-text')} />
      <div>
        <ButtonLink to="/" kind="primary">
          {t('to-home')}
        </ButtonLink>
      </div>
    </Page>
  );
}
