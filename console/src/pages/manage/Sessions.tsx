/** Privileged sessions of everybody, and their recordings. */
import { useSearch } from '@tanstack/react-router';
import { SquareTerminal } from 'lucide-react';
import { useWords } from '../../i18n';
import type { ListSearch } from '../../list/state';
import { Empty, Page, PageHead } from '../../ui/bits';
import { SessionList } from '../shared/SessionList';

export default function Sessions() {
  const { t } = useWords();
  const search = useSearch({ strict: false }) as ListSearch;
  return (
    <Page full fill>
      <PageHead title={t('nav-sessions')} lead={t('sessions-lead')} />
      <SessionList
        search={search}
        empty={
          <Empty title={t('sessions-none')} icon={<SquareTerminal />}>
            {t('sessions-none-next')}
          </Empty>
        }
      />
    </Page>
  );
}
