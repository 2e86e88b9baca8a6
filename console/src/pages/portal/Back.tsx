/** Where a window comes back to after a proof: it tells the others and closes. */
import { useEffect } from 'react';
import { announce } from '../../api/session';
import { useWords } from '../../i18n';
import { ButtonLink } from '../../ui/Button';
import { Empty, Page } from '../../ui/bits';

export default function Back() {
  const { t } = useWords();
  useEffect(() => {
    announce();
    close();
  }, []);
  return (
    <Page narrow>
      <Empty
        title={t('back-title')}
        action={
          <ButtonLink to="/" kind="primary">
            {t('to-home')}
          </ButtonLink>
        }
      >
        {t('back-text')}
      </Empty>
    </Page>
  );
}
