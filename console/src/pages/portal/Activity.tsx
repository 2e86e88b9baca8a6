/** What I did, as the record has it. */
import { useSearch } from '@tanstack/react-router';
import { History } from 'lucide-react';
import { api, take } from '../../api/client';
import { useWords } from '../../i18n';
import { List } from '../../list/List';
import { pageOf, some, when } from '../../list/server';
import type { ListSearch } from '../../list/state';
import { Empty, Page, PageHead } from '../../ui/bits';
import { EXPORTED, useEventColumns } from '../shared/EventList';
import { kindOptions } from '../shared/kinds';
import { foldParts } from '../shared/said';

export default function Activity() {
  const words = useWords();
  const { t } = words;
  const search = useSearch({ strict: false }) as ListSearch;
  const columns = useEventColumns(true);
  return (
    <Page fill>
      <PageHead title={t('activity-title')} lead={t('activity-lead')} />
      <List
        label={t('activity-title')}
        queryKey={['activity']}
        fetch={ask =>
          take(
            api.GET(
              '/api/v1/own/activity',
              pageOf(ask, {
                activity: some(ask.filters.activity),
                since: when(ask.filters.since),
                until: when(ask.filters.until),
              }),
            ),
          )
        }
        search={search}
        columns={columns}
        searchable={false}
        filters={[
          { id: 'activity', label: t('column-activity'), options: kindOptions(words) },
          { id: 'since', label: t('filter-since'), type: 'datetime-local' },
          { id: 'until', label: t('filter-until'), type: 'datetime-local' },
        ]}
        fold={foldParts}
        exported={EXPORTED}
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
