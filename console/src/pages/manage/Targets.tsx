/** Systems that privileged sessions go to. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Server } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { api, once, type Schemas, take } from '../../api/client';
import { keyed, SchemaFields, unkeyed } from '../../forms/SchemaFields';
import { objectOf, type SchemaField, typedOf } from '../../forms/schema';
import { useForm } from '../../forms/useForm';
import { useWords } from '../../i18n';
import { type Column, List } from '../../list/List';
import { pageOf, some, yes } from '../../list/server';
import type { ListSearch } from '../../list/state';
import { Empty, Fields, Page, PageHead, Pill, Row, Time, Waiting } from '../../ui/bits';
import { Dialog } from '../../ui/Dialog';
import { Choice, TextField } from '../../ui/Field';
import { FormDialog } from '../../ui/FormEnd';
import { ProblemNote } from '../../ui/ProblemNote';
import { say } from '../../ui/toast';
import { enabledFilter } from '../shared/filters';
import { useAdd } from '../shared/useAdd';
import { HostKeys } from './HostKeys';
import { fieldsFor, labelsOf, labelsText, protocols, whereOf } from './target-form';

type Target = Schemas['Target'];

export default function Targets() {
  const { t } = useWords();
  const search = useSearch({ strict: false }) as ListSearch;
  const add = useAdd(t('add-target'), 'target:write');
  const columns: Column<Target>[] = [
    {
      id: 'name',
      head: t('column-name'),
      sort: 'name',
      width: [11, 1],
      cell: x => <strong className="mono">{x.name}</strong>,
      value: x => x.name,
    },
    {
      id: 'kind',
      head: t('column-kind'),
      sort: 'kind',
      width: [5, 0.4],
      narrow: true,
      cell: x => <Pill>{x.kind}</Pill>,
      value: x => x.kind,
    },
    {
      id: 'host',
      head: t('column-host'),
      width: [10, 1],
      cell: x => <span className="mono">{whereOf(x.settings) || '–'}</span>,
      value: x => whereOf(x.settings),
    },
    {
      id: 'labels',
      head: t('column-labels'),
      width: [12, 1.4],
      cell: x => <Labels labels={x.labels} />,
      value: x => labelsText(x.labels),
    },
    {
      id: 'description',
      head: t('column-description'),
      width: [12, 1.4],
      narrow: true,
      cell: x => x.description || '–',
      value: x => x.description,
    },
    {
      id: 'state',
      head: t('column-state'),
      width: [6, 0.5],
      narrow: true,
      cell: x =>
        x.enabled ? <Pill tone="ok">{t('enabled')}</Pill> : <Pill tone="bad">{t('disabled')}</Pill>,
      value: x => x.enabled,
    },
    {
      id: 'created',
      head: t('column-created'),
      sort: 'created_at',
      extra: true,
      width: [8, 0.6],
      cell: x => <Time at={x.created_at} />,
      value: x => x.created_at,
    },
  ];
  return (
    <Page full fill>
      <PageHead title={t('nav-targets')} lead={t('targets-lead')} actions={add.head} />
      <List
        label={t('nav-targets')}
        queryKey={['targets', 'list']}
        fetch={ask =>
          take(
            api.GET(
              '/api/v1/targets',
              pageOf(ask, { enabled: yes(ask.filters.enabled), kind: some(ask.filters.kind) }),
            ),
          )
        }
        search={search}
        columns={columns}
        filters={[enabledFilter(t), { id: 'kind', label: t('column-kind'), more: true }]}
        rowKey={x => x.id}
        to={x => ({ to: '/manage/targets/$name', params: { name: x.name } })}
        empty={
          <Empty title={t('targets-none')} icon={<Server />} action={add.empty}>
            {t('targets-none-next')}
          </Empty>
        }
      />
      {add.adding && <AddTarget onClose={add.close} />}
    </Page>
  );
}

export function Labels({ labels }: { labels: Record<string, string> }) {
  const all = Object.entries(labels);
  if (all.length === 0) return <>–</>;
  return (
    <Row>
      {all.map(([k, v]) => (
        <Pill key={k}>{`${k}=${v}`}</Pill>
      ))}
    </Row>
  );
}

/** The kind first, where there is a choice; then what its protocol asks for. */
function AddTarget({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const known = useQuery(protocols());
  const [chosen, setChosen] = useState<string>();
  if (!known.data) {
    return (
      <Dialog title={t('add-target')} onClose={onClose} wide>
        {known.isPending && <Waiting />}
        <ProblemNote error={known.error} onRetry={() => known.refetch()} />
      </Dialog>
    );
  }
  const kind = chosen ?? known.data[0]?.name ?? '';
  return (
    <NewTarget
      key={kind}
      kind={kind}
      fields={fieldsFor(known.data, kind)}
      onClose={onClose}
      choice={
        known.data.length > 1 && (
          <Choice
            legend={t('column-kind')}
            name="kind"
            value={kind}
            onChange={setChosen}
            options={known.data.map(p => ({ value: p.name, label: p.name }))}
          />
        )
      }
    />
  );
}

function NewTarget({
  kind,
  fields,
  choice,
  onClose,
}: {
  kind: string;
  fields: SchemaField[];
  choice: ReactNode;
  onClose: () => void;
}) {
  const { t } = useWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  const form = useForm<Record<string, string>, Target>({
    key: `target.${kind}`,
    initial: { name: '', description: '', labels: '', ...keyed(typedOf(fields, {})) },
    send: (v, attempt) =>
      take(
        api.POST('/api/v1/targets', {
          body: {
            name: v.name?.trim() ?? '',
            kind,
            description: v.description?.trim() ?? '',
            settings: objectOf(fields, unkeyed(fields, v)),
            labels: labelsOf(v.labels ?? ''),
          },
          params: { header: once(attempt) },
        }),
      ),
    onDone: made => {
      say(t('added', { name: made.name }));
      client.invalidateQueries({ queryKey: ['targets'] });
      navigate({ to: '/manage/targets/$name', params: { name: made.name } });
    },
  });
  return (
    <FormDialog title={t('add-target')} form={form} verb={t('add-target')} onClose={onClose} wide>
      {choice}
      <Fields>
        <TextField
          label={t('column-name')}
          hint={t('field-target-name-hint')}
          placeholder="web-1"
          required
          mono
          {...form.text('name')}
        />
        <TextField
          label={t('column-description')}
          hint={t('field-description-hint')}
          optional={t('optional')}
          {...form.text('description')}
        />
      </Fields>
      <SchemaFields fields={fields} form={form} kind={kind}>
        <HostKeys fields={fields} form={form} kind={kind} />
      </SchemaFields>
      <TextField
        label={t('column-labels')}
        hint={t('field-labels-hint')}
        placeholder="env=prod, team=web"
        mono
        {...form.text('labels')}
      />
    </FormDialog>
  );
}
