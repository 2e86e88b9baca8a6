/** Systems that privileged sessions go to. */
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Plus, Server } from 'lucide-react';
import { api, once, type Schemas, take } from '../../api/client';
import { useForm } from '../../forms/useForm';
import { useWords } from '../../i18n';
import { type Column, List } from '../../list/List';
import type { ListSearch } from '../../list/state';
import { Button } from '../../ui/Button';
import { Empty, Fields, Page, PageHead, Pill, Row, Time } from '../../ui/bits';
import { Actions, Dialog } from '../../ui/Dialog';
import { TextArea, TextField } from '../../ui/Field';
import { ProblemNote } from '../../ui/ProblemNote';
import { say } from '../../ui/toast';
import { useNew } from '../../ui/useNew';
import { labelsOf, labelsText, settingsOf } from './target-form';

type Target = Schemas['Target'];

export default function Targets() {
  const { t } = useWords();
  const search = useSearch({ strict: false }) as ListSearch;
  const [adding, setAdding] = useNew();
  const add = (
    <Button kind="primary" icon={<Plus />} onClick={() => setAdding('1')}>
      {t('add-target')}
    </Button>
  );
  const columns: Column<Target>[] = [
    {
      id: 'name',
      head: t('column-name'),
      width: [11, 1],
      cell: x => <strong className="mono">{x.name}</strong>,
      value: x => x.name,
    },
    {
      id: 'kind',
      head: t('column-kind'),
      width: [5, 0.4],
      narrow: true,
      cell: x => <Pill>{x.kind}</Pill>,
      value: x => x.kind,
    },
    {
      id: 'host',
      head: t('column-host'),
      width: [10, 1],
      cell: x => <span className="mono">{settingsOf(x.settings).where || '–'}</span>,
      value: x => settingsOf(x.settings).where,
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
      extra: true,
      width: [8, 0.6],
      cell: x => <Time at={x.created_at} />,
      value: x => x.created_at,
    },
  ];
  return (
    <Page full fill>
      <PageHead title={t('nav-targets')} lead={t('targets-lead')} actions={add} />
      <List
        label={t('nav-targets')}
        queryKey={['targets', 'list']}
        fetch={({ q, cursor, limit, signal }) =>
          take(
            api.GET('/api/v1/targets', {
              params: {
                query: { q: q || undefined, cursor, limit },
              },
              signal,
            }),
          )
        }
        search={search}
        columns={columns}
        rowKey={x => x.id}
        to={x => ({ to: '/manage/targets/$name', params: { name: x.name } })}
        empty={
          <Empty title={t('targets-none')} icon={<Server />} action={add}>
            {t('targets-none-next')}
          </Empty>
        }
      />
      {adding && <AddTarget onClose={() => setAdding()} />}
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

function AddTarget({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  const form = useForm({
    key: 'target',
    initial: { name: '', description: '', host: '', port: '22', host_keys: '', labels: '' },
    send: (v, attempt) =>
      take(
        api.POST('/api/v1/targets', {
          body: {
            name: v.name.trim(),
            kind: 'ssh',
            description: v.description.trim(),
            settings: {
              host: v.host.trim(),
              port: Number(v.port),
              host_keys: v.host_keys
                .split('\n')
                .map(k => k.trim())
                .filter(Boolean),
            },
            labels: labelsOf(v.labels),
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
    <Dialog title={t('add-target')} open onClose={onClose} wide>
      <form className="stack" onSubmit={form.submit}>
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
          <TextField
            label={t('field-host')}
            placeholder="10.0.4.12"
            required
            mono
            {...form.text('host')}
          />
          <TextField
            label={t('field-port')}
            type="number"
            min={1}
            max={65535}
            required
            {...form.text('port')}
          />
        </Fields>
        <TextArea
          label={t('field-host-keys')}
          hint={t('field-host-keys-hint')}
          placeholder="ssh-ed25519 AAAA…"
          rows={2}
          mono
          required
          {...form.text('host_keys')}
        />
        <TextField
          label={t('column-labels')}
          hint={t('field-labels-hint')}
          placeholder="env=prod, team=web"
          mono
          {...form.text('labels')}
        />
        <ProblemNote error={form.problem} onRetry={form.submit} />
        <Actions>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button type="submit" kind="primary" busy={form.busy}>
            {t('add-target')}
          </Button>
        </Actions>
      </form>
    </Dialog>
  );
}
