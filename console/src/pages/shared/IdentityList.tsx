/** People or workloads, as a list. */
import type { ReactNode } from 'react';
import { api, type Schemas, take } from '../../api/client';
import { useWords } from '../../i18n';
import { type Column, List } from '../../list/List';
import { one, pageOf, some, yes } from '../../list/server';
import type { ListSearch } from '../../list/state';
import { Face, Pill, Time } from '../../ui/bits';
import css from './IdentityList.module.css';

export type Identity = Schemas['Identity'];

export const RELATIONS = ['employee', 'contractor', 'partner', 'vendor'] as const;

export function IdentityState({ identity: i }: { identity: Identity }) {
  const { t } = useWords();
  if (!i.enabled) return <Pill tone="bad">{t('identity-disabled')}</Pill>;
  if (i.ends_at && new Date(i.ends_at) <= new Date())
    return <Pill tone="bad">{t('identity-over')}</Pill>;
  if (i.starts_at && new Date(i.starts_at) > new Date())
    return <Pill tone="warn">{t('identity-not-yet')}</Pill>;
  return <Pill tone="ok">{t('identity-active')}</Pill>;
}

export function IdentityList({
  kind,
  search,
  empty,
  actions,
}: {
  kind: 'person' | 'workload';
  search: ListSearch;
  empty: ReactNode;
  actions: ReactNode;
}) {
  const { t } = useWords();
  const person = kind === 'person';
  const columns: Column<Identity>[] = [
    {
      id: 'name',
      head: t('column-name'),
      sort: 'name',
      width: [14, 1.6],
      cell: i => (
        <span className={css.who}>
          <Face name={i.display_name || i.name} small />
          <span className={css.names}>
            <span className={css.display}>{i.display_name || i.name}</span>
            <span className={css.name}>{i.name}</span>
          </span>
        </span>
      ),
      value: i => i.name,
    },
    ...(person
      ? [
          {
            id: 'email',
            head: t('column-email'),
            width: [12, 1.3],
            cell: (i: Identity) => i.email ?? '–',
            value: (i: Identity) => i.email,
          } satisfies Column<Identity>,
          {
            id: 'relation',
            head: t('column-relation'),
            width: [7, 0.7],
            narrow: true,
            cell: (i: Identity) => (i.relation ? t(`relation-${i.relation}`) : '–'),
            value: (i: Identity) => i.relation,
          } satisfies Column<Identity>,
        ]
      : [
          {
            id: 'owner',
            head: t('column-owner'),
            width: [10, 1],
            cell: (i: Identity) => i.owner?.kind ?? '–',
            value: (i: Identity) => i.owner?.id,
          } satisfies Column<Identity>,
        ]),
    {
      id: 'state',
      head: t('column-state'),
      width: [7, 0.7],
      narrow: true,
      cell: i => <IdentityState identity={i} />,
      value: i => (i.enabled ? 'enabled' : 'disabled'),
    },
    {
      id: 'ends',
      head: t('column-ends'),
      width: [8, 0.7],
      cell: i => <Time at={i.ends_at} />,
      value: i => i.ends_at,
    },
    {
      id: 'updated',
      head: t('column-changed'),
      sort: 'updated_at',
      width: [8, 0.7],
      extra: true,
      cell: i => <Time at={i.updated_at} />,
      value: i => i.updated_at,
    },
    {
      id: 'created',
      head: t('column-created'),
      sort: 'created_at',
      width: [8, 0.7],
      extra: true,
      cell: i => <Time at={i.created_at} />,
      value: i => i.created_at,
    },
  ];
  return (
    <List
      label={person ? t('nav-people') : t('nav-workloads')}
      queryKey={['identities', 'list', kind]}
      fetch={ask =>
        take(
          api.GET(
            '/api/v1/identities',
            pageOf(ask, {
              kind,
              enabled: yes(ask.filters.enabled),
              relation: one(ask.filters.relation, RELATIONS),
              group: some(ask.filters.group),
              role: some(ask.filters.role),
            }),
          ),
        )
      }
      search={search}
      columns={columns}
      filters={[
        {
          id: 'enabled',
          label: t('column-state'),
          options: [
            { value: 'true', label: t('identity-active') },
            { value: 'false', label: t('identity-disabled') },
          ],
        },
        ...(person
          ? [
              {
                id: 'relation',
                label: t('column-relation'),
                options: RELATIONS.map(r => ({ value: r, label: t(`relation-${r}`) })),
              },
            ]
          : []),
        { id: 'group', label: t('member-group'), more: true },
        { id: 'role', label: t('builder-role'), more: true },
      ]}
      rowKey={i => i.id}
      exported={[
        { name: 'display_name', value: i => i.display_name },
        { name: 'starts', value: i => i.starts_at },
        { name: 'created', value: i => i.created_at },
        { name: 'updated', value: i => i.updated_at },
        { name: 'id', value: i => i.id },
      ]}
      to={i => ({ to: '/manage/people/$name', params: { name: i.name } })}
      empty={empty}
      actions={actions}
    />
  );
}
