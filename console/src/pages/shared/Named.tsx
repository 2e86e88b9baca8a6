/** What groups and roles share: a name and what it is for. */
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Boxes, Users } from 'lucide-react';
import { api, ifMatch, once, type Schemas, take } from '../../api/client';
import { Steady } from '../../forms/Steady';
import { useForm } from '../../forms/useForm';
import { useWords } from '../../i18n';
import { type Column, List } from '../../list/List';
import { pageOf, some } from '../../list/server';
import type { ListSearch } from '../../list/state';
import { Card, Empty, Facts, Page, PageHead, Time } from '../../ui/bits';
import { TextArea, TextField } from '../../ui/Field';
import { FormDialog, SaveEnd } from '../../ui/FormEnd';
import { say } from '../../ui/toast';
import { useDeeds } from './deeds';
import { useAdd } from './useAdd';

export type Kind = 'group' | 'role';
type Named = Schemas['Group'];

const AT = { group: '/manage/groups/$name', role: '/manage/roles/$name' } as const;
const API = { group: '/api/v1/groups', role: '/api/v1/roles' } as const;

export function NamedPage({ kind }: { kind: Kind }) {
  const { t } = useWords();
  const search = useSearch({ strict: false }) as ListSearch;
  const add = useAdd(t(`add-${kind}`), `${kind}:write`);
  const columns: Column<Named>[] = [
    {
      id: 'name',
      head: t('column-name'),
      sort: 'name',
      width: [12, 1],
      cell: n => <strong>{n.name}</strong>,
      value: n => n.name,
    },
    {
      id: 'description',
      head: t('column-description'),
      width: [14, 2],
      narrow: true,
      cell: n => n.description || '–',
      value: n => n.description,
    },
    {
      id: 'created',
      head: t('column-created'),
      sort: 'created_at',
      width: [8, 0.6],
      cell: n => <Time at={n.created_at} />,
      value: n => n.created_at,
    },
  ];
  return (
    <Page full fill>
      <PageHead title={t(`nav-${kind}s`)} lead={t(`${kind}s-lead`)} actions={add.head} />
      <List
        label={t(`nav-${kind}s`)}
        queryKey={[`${kind}s`, 'list']}
        fetch={ask => {
          const who = some(ask.filters.who);
          return kind === 'group'
            ? take(api.GET('/api/v1/groups', pageOf(ask, { member: who })))
            : take(api.GET('/api/v1/roles', pageOf(ask, { holder: who })));
        }}
        search={search}
        columns={columns}
        filters={[{ id: 'who', label: t(kind === 'group' ? 'filter-member' : 'filter-holder') }]}
        rowKey={n => n.id}
        to={n => ({ to: AT[kind], params: { name: n.name } })}
        empty={
          <Empty
            title={t(`${kind}s-none`)}
            icon={kind === 'group' ? <Users /> : <Boxes />}
            action={add.empty}
          >
            {t(`${kind}s-none-next`)}
          </Empty>
        }
      />
      {add.adding && <Add kind={kind} onClose={add.close} />}
    </Page>
  );
}

function Add({ kind, onClose }: { kind: Kind; onClose: () => void }) {
  const { t } = useWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  const form = useForm({
    key: kind,
    initial: { name: '', description: '' },
    send: (v, attempt) => take(api.POST(API[kind], { body: v, params: { header: once(attempt) } })),
    onDone: made => {
      say(t('added', { name: made.name }));
      client.invalidateQueries({ queryKey: [`${kind}s`] });
      navigate({ to: AT[kind], params: { name: made.name } });
    },
  });
  return (
    <FormDialog title={t(`add-${kind}`)} form={form} verb={t(`add-${kind}`)} onClose={onClose}>
      <TextField label={t('column-name')} required mono {...form.text('name')} />
      <TextArea
        label={t('column-description')}
        optional={t('optional')}
        rows={2}
        {...form.text('description')}
      />
    </FormDialog>
  );
}

/** Its name and description: to be changed by those who may. */
export function NamedCard({ kind, named: n }: { kind: Kind; named: Named }) {
  const { t } = useWords();
  const may = useDeeds()(`${kind}:write`);
  return (
    <Card title={t('details')}>
      {may ? (
        <Steady of={n}>{now => <EditNamed kind={kind} named={now} />}</Steady>
      ) : (
        <Facts
          items={[
            [t('column-name'), <code key="n">{n.name}</code>],
            [t('column-description'), n.description || '–'],
            [t('column-created'), <Time key="c" at={n.created_at} />],
          ]}
        />
      )}
    </Card>
  );
}

function EditNamed({ kind, named: n }: { kind: Kind; named: Named }) {
  const { t } = useWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  const form = useForm({
    key: `${kind}.${n.id}.${n.version}`,
    initial: { name: n.name, description: n.description },
    send: v => {
      const params = { path: { name: n.name }, header: ifMatch(n.version) };
      return kind === 'group'
        ? take(api.PATCH('/api/v1/groups/{name}', { params, body: v }))
        : take(api.PATCH('/api/v1/roles/{name}', { params, body: v }));
    },
    onDone: now => {
      say(t('saved'));
      client.invalidateQueries({ queryKey: [`${kind}s`] });
      if (now.name !== n.name)
        navigate({ to: AT[kind], params: { name: now.name }, replace: true });
    },
  });
  return (
    <form className="stack" onSubmit={form.submit}>
      <TextField label={t('column-name')} required mono {...form.text('name')} />
      <TextArea label={t('column-description')} rows={2} {...form.text('description')} />
      <SaveEnd form={form} />
    </form>
  );
}
