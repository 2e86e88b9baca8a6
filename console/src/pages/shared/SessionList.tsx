/** Privileged sessions, as a list. */
import { Snowflake } from 'lucide-react';
import type { ReactNode } from 'react';
import { api, take } from '../../api/client';
import type { PrivilegedSession } from '../../api/queries';
import { useWords } from '../../i18n';
import { bytes, duration } from '../../i18n/format';
import { type Column, List } from '../../list/List';
import { one, pageOf, some, when } from '../../list/server';
import type { ListSearch } from '../../list/state';
import { Pill, Time } from '../../ui/bits';
import { timeFilters } from './filters';

export function SessionState({ session: s }: { session: PrivilegedSession }) {
  const { t } = useWords();
  if (s.state === 'live' && s.frozen) {
    return (
      <Pill tone="warn">
        <Snowflake aria-hidden="true" width="12" height="12" /> {t('session-frozen')}
      </Pill>
    );
  }
  if (s.state === 'live') return <Pill tone="live">{t('session-live')}</Pill>;
  if (s.state === 'opening') return <Pill tone="warn">{t('session-opening')}</Pill>;
  return <Pill>{t('session-ended')}</Pill>;
}

/** How long it lasted, or lasts. */
export function length(s: PrivilegedSession): number {
  const end = s.ended_at ? new Date(s.ended_at).getTime() : Date.now();
  return (end - new Date(s.started_at).getTime()) / 1000;
}

export function SessionList({
  search,
  mine,
  empty,
}: {
  search: ListSearch;
  mine?: boolean;
  empty: ReactNode;
}) {
  const words = useWords();
  const { t, lang } = words;
  const columns: Column<PrivilegedSession>[] = [
    {
      id: 'account',
      head: t('column-account'),
      sort: 'account_name',
      width: [12, 1.3],
      cell: s => <span className="mono">{s.account_name}</span>,
      value: s => s.account_name,
    },
    {
      id: 'who',
      head: t('column-who'),
      width: [8, 1],
      narrow: true,
      extra: mine === true,
      cell: s => s.identity_name,
      value: s => s.identity_name,
    },
    {
      id: 'state',
      head: t('column-state'),
      width: [7, 0.6],
      narrow: true,
      cell: s => <SessionState session={s} />,
      value: s => (s.state === 'live' && s.frozen ? 'frozen' : s.state),
    },
    {
      id: 'started',
      head: t('column-started'),
      sort: 'started_at',
      width: [8, 0.8],
      narrow: true,
      cell: s => <Time at={s.started_at} />,
      value: s => s.started_at,
    },
    {
      id: 'length',
      head: t('column-length'),
      width: [8, 0.8],
      cell: s => duration(words, length(s)),
      value: s => Math.round(length(s)),
    },
    {
      id: 'address',
      head: t('column-address'),
      width: [8, 0.8],
      cell: s => <span className="mono">{s.address ?? '–'}</span>,
      value: s => s.address,
    },
    {
      id: 'protocol',
      head: t('column-protocol'),
      width: [6, 0.5],
      extra: true,
      cell: s => s.protocol,
      value: s => s.protocol,
    },
    {
      id: 'coverage',
      head: t('column-coverage'),
      width: [8, 0.7],
      extra: true,
      cell: s => String(s.coverage),
      value: s => String(s.coverage),
    },
    {
      id: 'bytes',
      head: t('column-bytes'),
      width: [6, 0.5],
      extra: true,
      end: true,
      cell: s => <span className="num">{bytes(lang, s.bytes_in + s.bytes_out)}</span>,
      value: s => s.bytes_in + s.bytes_out,
    },
  ];
  return (
    <List
      label={t('nav-sessions')}
      queryKey={['privileged-sessions', 'list', mine ? 'own' : 'all']}
      fetch={ask =>
        take(
          api.GET(
            mine ? '/api/v1/own/privileged-sessions' : '/api/v1/privileged-sessions',
            pageOf(ask, {
              state: one(ask.filters.state, ['opening', 'live', 'ended']),
              frozen: ask.filters.state === 'frozen' ? true : undefined,
              target: some(ask.filters.target),
              identity: mine ? undefined : some(ask.filters.identity),
              protocol: some(ask.filters.protocol),
              since: when(ask.filters.since),
              until: when(ask.filters.until),
            }),
          ),
        )
      }
      search={search}
      columns={columns}
      filters={[
        {
          id: 'state',
          label: t('column-state'),
          options: [
            { value: 'live', label: t('session-live') },
            { value: 'frozen', label: t('session-frozen') },
            { value: 'ended', label: t('session-ended') },
          ],
        },
        { id: 'target', label: t('filter-target') },
        ...(mine ? [] : [{ id: 'identity', label: t('column-who') }]),
        { id: 'protocol', label: t('column-protocol'), more: true },
        ...timeFilters(t),
      ]}
      rowKey={s => s.id}
      exported={[
        { name: 'ended', value: s => s.ended_at },
        { name: 'protocol', value: s => s.protocol },
        { name: 'grant', value: s => s.grant },
        { name: 'id', value: s => s.id },
      ]}
      to={s => ({ to: '/sessions/$id', params: { id: s.id } })}
      empty={empty}
    />
  );
}
