/** What people sign in to, and a guided set-up for a new one. */
import { useQueryClient } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { AppWindow } from 'lucide-react';
import { useState } from 'react';
import { api, once, type Schemas, take } from '../../api/client';
import { useForm } from '../../forms/useForm';
import { useWords } from '../../i18n';
import { type Column, List } from '../../list/List';
import { pageOf, yes } from '../../list/server';
import type { ListSearch } from '../../list/state';
import { ButtonLink } from '../../ui/Button';
import { Empty, Fields, Page, PageHead, Pill, Time } from '../../ui/bits';
import { Actions, Dialog } from '../../ui/Dialog';
import { Choice, TextArea, TextField } from '../../ui/Field';
import { FormDialog } from '../../ui/FormEnd';
import { enabledFilter } from '../shared/filters';
import { useAdd } from '../shared/useAdd';
import { Connect } from './Connect';

type Application = Schemas['Application'];
type Kind = Schemas['ApplicationKind'];

export default function Applications() {
  const { t } = useWords();
  const search = useSearch({ strict: false }) as ListSearch;
  const add = useAdd(t('add-application'), 'application:write');
  const columns: Column<Application>[] = [
    {
      id: 'title',
      head: t('column-title'),
      sort: 'title',
      width: [12, 1.2],
      cell: a => <strong>{a.title}</strong>,
      value: a => a.title,
    },
    {
      id: 'name',
      head: t('column-name'),
      sort: 'name',
      width: [9, 0.8],
      cell: a => <span className="mono">{a.name}</span>,
      value: a => a.name,
    },
    {
      id: 'kind',
      head: t('column-kind'),
      width: [7, 0.6],
      narrow: true,
      cell: a => t(`application-${a.settings.kind}`),
      value: a => a.settings.kind,
    },
    {
      id: 'url',
      head: t('column-url'),
      width: [12, 1.4],
      cell: a => <span className="clip">{a.launch_url ?? '–'}</span>,
      value: a => a.launch_url,
    },
    {
      id: 'state',
      head: t('column-state'),
      width: [6, 0.5],
      narrow: true,
      cell: a =>
        a.enabled ? <Pill tone="ok">{t('enabled')}</Pill> : <Pill tone="bad">{t('disabled')}</Pill>,
      value: a => a.enabled,
    },
    {
      id: 'created',
      head: t('column-created'),
      sort: 'created_at',
      width: [8, 0.6],
      cell: a => <Time at={a.created_at} />,
      value: a => a.created_at,
    },
  ];
  return (
    <Page full fill>
      <PageHead title={t('nav-applications')} lead={t('applications-lead')} actions={add.head} />
      <List
        label={t('nav-applications')}
        queryKey={['applications', 'list']}
        fetch={ask =>
          take(api.GET('/api/v1/applications', pageOf(ask, { enabled: yes(ask.filters.enabled) })))
        }
        search={search}
        columns={columns}
        filters={[enabledFilter(t)]}
        rowKey={a => a.id}
        to={a => ({ to: '/manage/applications/$name', params: { name: a.name } })}
        empty={
          <Empty title={t('applications-none')} icon={<AppWindow />} action={add.empty}>
            {t('applications-none-next')}
          </Empty>
        }
      />
      {add.adding && <AddApplication onClose={add.close} />}
    </Page>
  );
}

export function lines(text: string): string[] {
  return text
    .split('\n')
    .map(l => l.trim())
    .filter(Boolean);
}

function AddApplication({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const client = useQueryClient();
  const [made, setMade] = useState<Schemas['RegisteredApplication']>();
  const form = useForm({
    key: 'application',
    initial: {
      kind: 'web' as Kind,
      name: '',
      title: '',
      description: '',
      launch_url: '',
      redirect_uris: '',
    },
    send: (v, attempt) =>
      take(
        api.POST('/api/v1/applications', {
          body: {
            name: v.name.trim(),
            title: v.title.trim(),
            description: v.description.trim(),
            launch_url: v.launch_url.trim() || null,
            settings: {
              kind: v.kind,
              client_authentication: v.kind === 'native' ? 'none' : 'client_secret',
              redirect_uris: v.kind === 'workload' ? [] : lines(v.redirect_uris),
            } as Schemas['NewApplication']['settings'],
          },
          params: { header: once(attempt) },
        }),
      ),
    onDone: registered => {
      client.invalidateQueries({ queryKey: ['applications'] });
      setMade(registered);
    },
  });
  if (made) {
    return (
      <Dialog title={t('application-made', { name: made.title })} onClose={onClose} wide alert>
        <Connect application={made} />
        <Actions>
          <ButtonLink to="/manage/applications/$name" params={{ name: made.name }} kind="primary">
            {t('application-open')}
          </ButtonLink>
        </Actions>
      </Dialog>
    );
  }
  return (
    <FormDialog
      title={t('add-application')}
      form={form}
      verb={t('add-application')}
      onClose={onClose}
      wide
    >
      <Choice
        legend={t('application-kind')}
        name="kind"
        value={form.values.kind}
        onChange={k => form.set('kind', k)}
        options={[
          { value: 'web', label: t('application-web'), hint: t('application-web-hint') },
          { value: 'native', label: t('application-native'), hint: t('application-native-hint') },
          {
            value: 'workload',
            label: t('application-workload'),
            hint: t('application-workload-hint'),
          },
        ]}
      />
      <Fields>
        <TextField
          label={t('column-title')}
          hint={t('field-title-hint')}
          placeholder="Rota"
          required
          {...form.text('title')}
        />
        <TextField
          label={t('column-name')}
          hint={t('field-application-name-hint')}
          placeholder="rota"
          required
          mono
          {...form.text('name')}
        />
      </Fields>
      <TextField
        label={t('column-description')}
        optional={t('optional')}
        {...form.text('description')}
      />
      {form.values.kind !== 'workload' && (
        <>
          <TextArea
            label={t('field-redirect-uris')}
            hint={t('field-redirect-uris-hint')}
            placeholder="https://rota.example/callback"
            rows={2}
            mono
            required
            {...form.text('redirect_uris')}
          />
          <TextField
            label={t('field-launch-url')}
            hint={t('field-launch-url-hint')}
            type="url"
            optional={t('optional')}
            {...form.text('launch_url')}
          />
        </>
      )}
    </FormDialog>
  );
}
