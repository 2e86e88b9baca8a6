/** Requests and grants of everybody. */
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Ticket } from 'lucide-react';
import { api, take } from '../../api/client';
import type { Grant } from '../../api/queries';
import { useWords, type Words } from '../../i18n';
import { type Column, List } from '../../list/List';
import { one, pageOf, some, when, yes } from '../../list/server';
import type { ListSearch } from '../../list/state';
import { Button } from '../../ui/Button';
import { Empty, Page, PageHead, Pill, Time } from '../../ui/bits';
import { useConfirm } from '../../ui/Confirm';
import { Tabs } from '../../ui/Tabs';
import { Left } from '../portal/GrantLines';
import { useDeeds } from '../shared/deeds';
import { timeFilters } from '../shared/filters';
import { RequestList } from '../shared/RequestList';

export default function Requests() {
  const { t } = useWords();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as ListSearch;
  const tab = search.tab === 'grants' ? 'grants' : 'requests';
  return (
    <Page full fill>
      <PageHead title={t('nav-requests')} lead={t('requests-lead')} />
      <Tabs
        label={t('nav-requests')}
        value={tab}
        onChange={next =>
          navigate({ to: '.', search: (next === 'grants' ? { tab: 'grants' } : {}) as never })
        }
        tabs={[
          { id: 'requests', label: t('tab-requests') },
          { id: 'grants', label: t('tab-grants') },
        ]}
      />
      {tab === 'requests' ? (
        <RequestList
          search={search}
          empty={
            <Empty title={t('requests-none')} icon={<Ticket />}>
              {t('requests-none-next')}
            </Empty>
          }
        />
      ) : (
        <Grants search={search} />
      )}
    </Page>
  );
}

const GRANT_STATES = ['live', 'ended'] as const;

function GrantState({ grant: g }: { grant: Grant }) {
  const { t } = useWords();
  if (g.ended_at || new Date(g.ends_at) <= new Date()) return <Pill>{t('grant-over')}</Pill>;
  return <Pill tone="ok">{t('grant-live')}</Pill>;
}

/** How it ended, in words. */
function endText(words: Words, g: Grant): string {
  const cause = g.end_cause;
  switch (cause?.kind) {
    case 'returned':
      return words.t('ended-returned');
    case 'revoked':
      return words.t('ended-revoked', { reason: cause.reason });
    case 'no_longer_permitted':
      return words.t('ended-no-longer-permitted', { because: cause.because });
    default:
      return words.t('ended-expired');
  }
}

function Grants({ search }: { search: ListSearch }) {
  const words = useWords();
  const { t } = words;
  const client = useQueryClient();
  const may = useDeeds()('grant:revoke');
  const [dialog, ask] = useConfirm();
  const again = () => client.invalidateQueries({ queryKey: ['grants'] });
  const both = [
    { value: 'true', label: t('yes') },
    { value: 'false', label: t('no') },
  ];
  const live = (g: Grant) => !g.ended_at && new Date(g.ends_at) > new Date();
  const columns: Column<Grant>[] = [
    {
      id: 'about',
      head: t('column-about'),
      width: [11, 1.1],
      cell: g => <strong className="mono">{g.about_name}</strong>,
      value: g => g.about_name,
    },
    {
      id: 'holder',
      head: t('column-holder'),
      width: [8, 0.8],
      narrow: true,
      cell: g => g.holder_name,
      value: g => g.holder_name,
    },
    {
      id: 'state',
      head: t('column-state'),
      width: [9, 0.7],
      narrow: true,
      cell: g => (
        <>
          <GrantState grant={g} /> {g.break_glass && <Pill tone="bad">{t('break-glass')}</Pill>}
        </>
      ),
      value: g => (live(g) ? 'live' : 'over'),
    },
    {
      id: 'started',
      head: t('column-started'),
      sort: 'starts_at',
      width: [7, 0.6],
      extra: true,
      cell: g => <Time at={g.starts_at} />,
      value: g => g.starts_at,
    },
    {
      id: 'ends',
      head: t('column-ends'),
      sort: 'ends_at',
      width: [10, 0.8],
      narrow: true,
      cell: g =>
        live(g) ? (
          <Left from={g.starts_at} until={g.ends_at} />
        ) : (
          <span>
            <Time at={g.ended_at ?? g.ends_at} />
            <span className="small soft"> {endText(words, g)}</span>
          </span>
        ),
      value: g => g.ended_at ?? g.ends_at,
    },
    {
      id: 'approvals',
      head: t('column-approvals'),
      width: [6, 0.4],
      extra: true,
      cell: g => <span className="num">{g.break_glass ? '–' : g.approvals}</span>,
      value: g => g.approvals,
    },
    {
      id: 'reason',
      head: t('column-reason'),
      width: [11, 1.4],
      cell: g => <span className="clip">{g.reason}</span>,
      value: g => g.reason,
    },
    ...(may
      ? [
          {
            id: 'do',
            head: t('column-do'),
            width: [8, 0.6],
            narrow: true,
            end: true,
            cell: (g: Grant) =>
              live(g) ? (
                <Button
                  slim
                  kind="danger"
                  onClick={() =>
                    ask({
                      title: t('revoke-title', { name: g.about_name }),
                      what: <p>{t('revoke-what', { who: g.holder_name })}</p>,
                      undo: t('revoke-undo'),
                      verb: t('revoke'),
                      reason: 'must',
                      run: reason =>
                        take(
                          api.POST('/api/v1/grants/{id}/revoke', {
                            params: { path: { id: g.id } },
                            body: { reason },
                          }),
                        ),
                      done: t('revoked'),
                      after: again,
                    })
                  }
                >
                  {t('revoke')}
                </Button>
              ) : (
                g.break_glass &&
                !g.reviewed_at && (
                  <Button
                    slim
                    onClick={() =>
                      ask({
                        title: t('review-title', { name: g.about_name }),
                        what: <p>{t('review-what', { who: g.holder_name, reason: g.reason })}</p>,
                        undo: t('review-undo'),
                        verb: t('review'),
                        reason: 'must',
                        mild: true,
                        run: comment =>
                          take(
                            api.POST('/api/v1/grants/{id}/review', {
                              params: { path: { id: g.id } },
                              body: { comment },
                            }),
                          ),
                        done: t('reviewed'),
                        after: again,
                      })
                    }
                  >
                    {t('review')}
                  </Button>
                )
              ),
          } satisfies Column<Grant>,
        ]
      : []),
  ];
  return (
    <>
      <List
        label={t('tab-grants')}
        queryKey={['grants', 'list']}
        fetch={ask =>
          take(
            api.GET(
              '/api/v1/grants',
              pageOf(ask, {
                state: one(ask.filters.state, GRANT_STATES),
                holder: some(ask.filters.holder),
                about: some(ask.filters.about),
                break_glass: yes(ask.filters.break_glass),
                reviewed: yes(ask.filters.reviewed),
                since: when(ask.filters.since),
                until: when(ask.filters.until),
                in_force_at: when(ask.filters.in_force_at),
              }),
            ),
          )
        }
        search={search}
        columns={columns}
        searchHint={t('list-search-reason')}
        filters={[
          {
            id: 'state',
            label: t('column-state'),
            options: GRANT_STATES.map(s => ({
              value: s,
              label: t(s === 'live' ? 'grant-live' : 'grant-over'),
            })),
          },
          { id: 'holder', label: t('column-holder') },
          { id: 'about', label: t('column-about') },
          { id: 'break_glass', label: t('break-glass'), options: both, more: true },
          { id: 'reviewed', label: t('filter-reviewed'), options: both, more: true },
          ...timeFilters(t),
          {
            id: 'in_force_at',
            label: t('filter-in-force-at'),
            type: 'datetime-local',
            more: true,
          },
        ]}
        rowKey={g => g.id}
        to={g => (g.request ? { to: '/requests/$id', params: { id: g.request } } : undefined)}
        exported={[
          { name: 'end_cause', value: g => g.end_cause?.kind },
          { name: 'break_glass', value: g => g.break_glass },
          { name: 'reviewed_at', value: g => g.reviewed_at },
          { name: 'review_comment', value: g => g.review_comment },
          { name: 'request', value: g => g.request },
          { name: 'id', value: g => g.id },
        ]}
        empty={
          <Empty title={t('grants-none')} icon={<Ticket />}>
            {t('grants-none-next')}
          </Empty>
        }
      />
      {dialog}
    </>
  );
}
