/** The processes of this house: which are there, and which were. */
import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { ServerCog } from 'lucide-react';
import { api, type Schemas, take } from '../../api/client';
import { status } from '../../api/queries';
import { useWords } from '../../i18n';
import { type Column, List } from '../../list/List';
import type { ListSearch } from '../../list/state';
import { Card, Empty, Facts, Page, PageHead, Pill, Time } from '../../ui/bits';
import { ProblemNote } from '../../ui/ProblemNote';

type Node = Schemas['Node'];

/** A node that said nothing for so long is taken for gone. */
const GONE = 3 * 60_000;

const there = (n: Node) => n.here || Date.now() - new Date(n.seen_at).getTime() < GONE;

export default function Nodes() {
  const { t } = useWords();
  const search = useSearch({ strict: false }) as ListSearch;
  const house = useQuery(status());
  const h = house.data;
  const columns: Column<Node>[] = [
    {
      id: 'name',
      head: t('column-name'),
      width: [10, 1],
      cell: n => (
        <>
          <strong className="mono">{n.name}</strong> {n.here && <Pill>{t('nodes-this')}</Pill>}
        </>
      ),
      value: n => n.name,
    },
    {
      id: 'state',
      head: t('column-state'),
      width: [7, 0.6],
      narrow: true,
      cell: n =>
        there(n) ? <Pill tone="ok">{t('nodes-there')}</Pill> : <Pill>{t('nodes-gone')}</Pill>,
      value: n => (there(n) ? 'there' : 'gone'),
    },
    {
      id: 'seen',
      head: t('nodes-seen'),
      width: [8, 0.7],
      narrow: true,
      cell: n => <Time at={n.seen_at} />,
      value: n => n.seen_at,
    },
    {
      id: 'started',
      head: t('column-started'),
      width: [8, 0.7],
      cell: n => <Time at={n.started_at} />,
      value: n => n.started_at,
    },
    {
      id: 'version',
      head: t('settings-version'),
      width: [6, 0.5],
      cell: n => n.version,
      value: n => n.version,
    },
    {
      id: 'id',
      head: t('nodes-id'),
      width: [12, 1],
      extra: true,
      cell: n => <code className="clip">{n.id}</code>,
      value: n => n.id,
    },
  ];
  return (
    <Page>
      <PageHead title={t('nav-nodes')} lead={t('nodes-lead')} />
      <ProblemNote error={house.error} onRetry={() => house.refetch()} />
      {h && (
        <Card title={t('nodes-this')} actions={<Pill tone="ok">{t('nodes-answers')}</Pill>}>
          <Facts
            items={[
              [t('settings-database'), t(`database-${h.database}`)],
              [
                t('nodes-sessions'),
                <Link key="s" to="/manage/sessions" search={{ 'f.state': 'live' } as never}>
                  {h.open_here}
                </Link>,
              ],
              [t('overview-vault'), h.seal.sealed ? t('sealed') : t('unsealed')],
              [
                t('nodes-log'),
                t('nodes-log-value', { leaves: h.log_leaves, waiting: h.log_waiting }),
              ],
            ]}
          />
        </Card>
      )}
      <List
        label={t('nav-nodes')}
        queryKey={['nodes', 'list']}
        fetch={async ({ q, signal }) => {
          const found = await take(api.GET('/api/v1/nodes', { signal }));
          return { items: found.items.filter(n => n.name.includes(q.trim())) };
        }}
        search={search}
        short={30}
        columns={columns}
        rowKey={n => n.id}
        empty={
          <Empty title={t('nodes-none')} icon={<ServerCog />}>
            {t('nodes-none-next')}
          </Empty>
        }
      />
    </Page>
  );
}
