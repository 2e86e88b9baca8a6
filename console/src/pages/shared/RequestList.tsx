/** Requests, as a list; one's own or all that one may see. */
import type { ReactNode } from 'react';
import { api, take } from '../../api/client';
import type { Request } from '../../api/queries';
import { useWords } from '../../i18n';
import { duration } from '../../i18n/format';
import { type Column, List } from '../../list/List';
import { one, pageOf, some, when } from '../../list/server';
import type { ListSearch } from '../../list/state';
import { Pill, Time, type Tone } from '../../ui/bits';
import { timeFilters } from './filters';

type State = Request['state'];

const TONES: Record<State, Tone> = {
  pending: 'warn',
  approved: 'ok',
  denied: 'bad',
  withdrawn: 'plain',
  expired: 'plain',
};

const STATES = Object.keys(TONES) as State[];

export function RequestState({ state }: { state: State }) {
  const { t } = useWords();
  return <Pill tone={TONES[state]}>{t(`request-state-${state}`)}</Pill>;
}

export function RequestList({
  search,
  mine,
  empty,
}: {
  search: ListSearch;
  mine?: boolean;
  empty: ReactNode;
}) {
  const words = useWords();
  const { t } = words;
  const columns: Column<Request>[] = [
    {
      id: 'about',
      head: t('column-about'),
      width: [10, 1.4],
      cell: r => <span className="mono">{r.about_name}</span>,
      value: r => r.about_name,
    },
    {
      id: 'requester',
      head: t('column-requester'),
      width: [6, 0.8],
      cell: r => r.requester_name,
      value: r => r.requester_name,
      extra: mine === true,
      narrow: true,
    },
    {
      id: 'state',
      head: t('column-state'),
      width: [6.5, 0.6],
      narrow: true,
      cell: r => <RequestState state={r.state} />,
      value: r => r.state,
    },
    {
      id: 'reason',
      head: t('column-reason'),
      width: [9, 2],
      cell: r => <span className="clip">{r.reason}</span>,
      value: r => r.reason,
    },
    {
      id: 'duration',
      head: t('column-duration'),
      width: [6, 0.6],
      cell: r => duration(words, r.duration_seconds),
      value: r => r.duration_seconds,
    },
    {
      id: 'approvals',
      head: t('column-approvals'),
      width: [5.5, 0.4],
      // Words count, and the one that denied is no approval.
      cell: r =>
        r.state === 'denied' ? (
          '–'
        ) : (
          <span className="num">{`${r.approval_count}/${r.needed}`}</span>
        ),
      value: r => (r.state === 'denied' ? undefined : `${r.approval_count} of ${r.needed}`),
    },
    {
      id: 'created',
      head: t('column-asked'),
      sort: 'created_at',
      width: [7, 0.7],
      narrow: true,
      cell: r => <Time at={r.created_at} />,
      value: r => r.created_at,
    },
    {
      id: 'decided',
      head: t('column-decided'),
      width: [8, 0.7],
      extra: true,
      cell: r => <Time at={r.decided_at} />,
      value: r => r.decided_at,
    },
  ];
  return (
    <List
      label={t('nav-requests')}
      queryKey={['requests', 'list', mine ? 'own' : 'all']}
      fetch={ask =>
        take(
          api.GET(
            mine ? '/api/v1/own/requests' : '/api/v1/requests',
            pageOf(ask, {
              state: one(ask.filters.state, STATES),
              about: some(ask.filters.about),
              requester: mine ? undefined : some(ask.filters.requester),
              since: when(ask.filters.since),
              until: when(ask.filters.until),
            }),
          ),
        )
      }
      search={search}
      short={mine ? 30 : undefined}
      columns={columns}
      searchHint={t('list-search-reason')}
      filters={[
        {
          id: 'state',
          label: t('column-state'),
          options: STATES.map(s => ({ value: s, label: t(`request-state-${s}`) })),
        },
        { id: 'about', label: t('column-about') },
        ...(mine ? [] : [{ id: 'requester', label: t('column-requester') }]),
        ...timeFilters(t),
      ]}
      rowKey={r => r.id}
      exported={[
        { name: 'decided', value: r => r.decided_at },
        { name: 'id', value: r => r.id },
      ]}
      to={r => ({ to: '/requests/$id', params: { id: r.id } })}
      empty={empty}
    />
  );
}
