/** What I did, as the record has it. */
import { useSearch } from '@tanstack/react-router';
import { History } from 'lucide-react';
import { api, take } from '../../api/client';
import { useWords } from '../../i18n';
import { List } from '../../list/List';
import type { ListSearch } from '../../list/state';
import { Empty, Page, PageHead } from '../../ui/bits';
import { useEventColumns } from '../shared/EventList';

export default function Activity() {
  const { t } = useWords();
  const search = useSearch({ strict: false }) as ListSearch;
  const columns = useEventColumns(true);
  return (
    <Page fill>
      <PageHead title={t('activity-title')} lead={t('activity-lead')} />
      <List
        label={t('activity-title')}
        queryKey={['activity']}
        fetch={({ cursor, limit, signal }) =>
          take(api.GET('/api/v1/own/activity', { params: { query: { cursor, limit } }, signal }))
        }
        search={search}
        columns={columns}
        searchable={false}
        rowKey={e => e.id}
        empty={
          <Empty title={t('activity-none')} icon={<History />}>
            {t('activity-none-next')}
          </Empty>
        }
      />
    </Page>
  );
}
