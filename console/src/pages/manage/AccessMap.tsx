/** Who reaches what, by which policies, standing or on request. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Network } from 'lucide-react';
import { useState } from 'react';
import { accounts, ask, everybody, MOST } from '../../graph/ask';
import type { Edge } from '../../graph/layout';
import { AccessPicture } from '../../graph/Map';
import { useWords } from '../../i18n';
import { type Column, List } from '../../list/List';
import type { ListSearch } from '../../list/state';
import { Button } from '../../ui/Button';
import { Card, Empty, Fields, Notice, Page, PageHead, Pill, type Tone } from '../../ui/bits';
import { Picker } from '../../ui/Picker';
import { ProblemNote } from '../../ui/ProblemNote';
import { findIdentity, findTarget } from '../shared/find';
import { PolicyLinks } from './Why';

const TONES: Record<Edge['how'], Tone> = { standing: 'ok', step_up: 'warn', request: 'plain' };

export default function AccessMap() {
  const { t } = useWords();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as ListSearch;
  const { who = '', what = '' } = search;
  const [person, setPerson] = useState(who);
  const [target, setTarget] = useState(what);
  const [progress, setProgress] = useState<[number, number]>();
  const chosen = who !== '' || what !== '';
  const map = useQuery({
    queryKey: ['access', who, what],
    queryFn: async () => {
      const [people, things] = await Promise.all([
        who ? { items: [who], cut: false } : everybody(),
        accounts(what || undefined),
      ]);
      const answered = await ask(people.items, things.items, (done, of) => setProgress([done, of]));
      return { ...answered, cut: people.cut || things.cut };
    },
    enabled: chosen,
    staleTime: 60_000,
  });
  const show = () =>
    navigate({
      to: '/manage/map',
      search: { who: person.trim() || undefined, what: target.trim() || undefined } as never,
    });
  const columns: Column<Edge>[] = [
    {
      id: 'who',
      head: t('column-who'),
      width: [8, 1],
      cell: e => (
        <Link to="/manage/people/$name" params={{ name: e.who }}>
          {e.who}
        </Link>
      ),
      value: e => e.who,
    },
    {
      id: 'what',
      head: t('column-account'),
      width: [10, 1.2],
      narrow: true,
      cell: e => <span className="mono">{e.what}</span>,
      value: e => e.what,
    },
    {
      id: 'how',
      head: t('map-how'),
      width: [8, 0.8],
      narrow: true,
      cell: e => <Pill tone={TONES[e.how]}>{t(label(e.how))}</Pill>,
      value: e => e.how,
    },
    {
      id: 'by',
      head: t('audit-policies'),
      width: [10, 1.2],
      cell: e => <PolicyLinks names={e.ways.map(w => w.name)} />,
      value: e => e.ways.map(w => w.name).join(' '),
    },
  ];
  const edges = map.data?.edges ?? [];
  return (
    <Page>
      <PageHead title={t('nav-map')} lead={t('map-lead')} />
      <Card>
        <form
          className="stack"
          onSubmit={e => {
            e.preventDefault();
            show();
          }}
        >
          <Fields>
            <Picker
              label={t('map-person')}
              value={person}
              onChange={setPerson}
              find={findIdentity}
            />
            <Picker label={t('map-target')} value={target} onChange={setTarget} find={findTarget} />
            <div>
              <Button
                type="submit"
                kind="primary"
                disabled={person.trim() === '' && target.trim() === ''}
                busy={map.isFetching}
              >
                {t('map-show')}
              </Button>
            </div>
          </Fields>
        </form>
        {map.isFetching && progress && (
          <p className="small soft" role="status">
            {t('map-progress', { done: progress[0], of: progress[1] })}
          </p>
        )}
      </Card>
      <ProblemNote error={map.error} onRetry={() => map.refetch()} />
      {!chosen && (
        <Empty title={t('map-none')} icon={<Network />}>
          {t('map-none-next')}
        </Empty>
      )}
      {map.data?.cut && <Notice tone="warn" title={t('map-cut', { n: MOST })} />}
      {map.isSuccess && edges.length === 0 && (
        <Empty title={t('map-nobody')} icon={<Network />}>
          {t('map-nobody-next')}
        </Empty>
      )}
      {edges.length > 0 && (
        <>
          <Card title={t('map-picture')}>
            <AccessPicture edges={edges} />
          </Card>
          <List
            label={t('nav-map')}
            queryKey={['access', who, what, 'list', map.dataUpdatedAt]}
            fetch={async ({ q, filters }) => ({
              items: edges.filter(
                e =>
                  (!filters.how || e.how === filters.how) &&
                  `${e.who} ${e.what} ${e.ways.map(w => w.name).join(' ')}`
                    .toLowerCase()
                    .includes(q.toLowerCase()),
              ),
            })}
            search={search}
            short={30}
            columns={columns}
            filters={[
              {
                id: 'how',
                label: t('map-how'),
                options: (['standing', 'step_up', 'request'] as const).map(h => ({
                  value: h,
                  label: t(label(h)),
                })),
              },
            ]}
            rowKey={e => `${e.who} ${e.what}`}
            empty={null}
          />
        </>
      )}
    </Page>
  );
}

function label(how: Edge['how']): 'map-standing' | 'map-step-up' | 'map-request' {
  return how === 'standing' ? 'map-standing' : how === 'step_up' ? 'map-step-up' : 'map-request';
}
