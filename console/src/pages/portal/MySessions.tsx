/** My privileged sessions, live and past. */
import { useSearch } from '@tanstack/react-router';
import { SquareTerminal } from 'lucide-react';
import { useWords } from '../../i18n';
import type { ListSearch } from '../../list/state';
import { Empty, Page, PageHead } from '../../ui/bits';
import { SessionList } from '../shared/SessionList';

export default function MySessions() {
  const { t } = useWords();
  const search = useSearch({ strict: false }) as ListSearch;
  return (
    <Page fill>
      <PageHead title={t('my-sessions-title')} lead={t('my-sessions-lead')} />
      <SessionList
        search={search}
        mine
        empty={
          <Empty title={t('my-sessions-none')} icon={<SquareTerminal />}>
            {t('my-sessions-none-next')}
          </Empty>
        }
      />
    </Page>
  );
}
