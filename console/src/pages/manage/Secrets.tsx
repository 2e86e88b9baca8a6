/** Values in the vault; their names, never what they hold. */
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { KeyRound } from 'lucide-react';
import { api, type Schemas, take } from '../../api/client';
import { useForm } from '../../forms/useForm';
import { useWords } from '../../i18n';
import { type Column, List } from '../../list/List';
import { one, pageOf } from '../../list/server';
import type { ListSearch } from '../../list/state';
import { Empty, Page, PageHead, Pill, Time } from '../../ui/bits';
import { SelectField, TextArea, TextField } from '../../ui/Field';
import { FormDialog } from '../../ui/FormEnd';
import { say } from '../../ui/toast';
import { useAdd } from '../shared/useAdd';

type Info = Schemas['SecretInfo'];

const KINDS = ['opaque', 'password', 'ssh-key'] as const;

export default function Secrets() {
  const { t } = useWords();
  const search = useSearch({ strict: false }) as ListSearch;
  const add = useAdd(t('add-secret'), 'secret:write');
  const columns: Column<Info>[] = [
    {
      id: 'name',
      head: t('column-name'),
      sort: 'name',
      width: [12, 1.2],
      cell: s => <strong className="mono">{s.name}</strong>,
      value: s => s.name,
    },
    {
      id: 'kind',
      head: t('column-kind'),
      width: [7, 0.6],
      narrow: true,
      cell: s => <Pill>{t(`secret-${s.kind}`)}</Pill>,
      value: s => s.kind,
    },
    {
      id: 'description',
      head: t('column-description'),
      width: [12, 1.6],
      narrow: true,
      cell: s => s.description || '–',
      value: s => s.description,
    },
    {
      id: 'current',
      head: t('column-version'),
      width: [5, 0.4],
      cell: s => <span className="num">{s.current}</span>,
      value: s => s.current,
    },
    {
      id: 'updated',
      head: t('column-changed'),
      sort: 'updated_at',
      width: [8, 0.6],
      cell: s => <Time at={s.updated_at} />,
      value: s => s.updated_at,
    },
  ];
  return (
    <Page full fill>
      <PageHead title={t('nav-secrets')} lead={t('secrets-lead')} actions={add.head} />
      <List
        label={t('nav-secrets')}
        queryKey={['secrets', 'list']}
        fetch={ask =>
          take(api.GET('/api/v1/secrets', pageOf(ask, { kind: one(ask.filters.kind, KINDS) })))
        }
        search={search}
        columns={columns}
        filters={[
          {
            id: 'kind',
            label: t('column-kind'),
            options: KINDS.map(k => ({ value: k, label: t(`secret-${k}`) })),
          },
        ]}
        rowKey={s => s.id}
        to={s => ({ to: '/manage/secrets/$name', params: { name: s.name } })}
        empty={
          <Empty title={t('secrets-none')} icon={<KeyRound />} action={add.empty}>
            {t('secrets-none-next')}
          </Empty>
        }
      />
      {add.adding && <AddSecret onClose={add.close} />}
    </Page>
  );
}

function AddSecret({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  const form = useForm({
    key: 'secret',
    initial: { name: '', kind: 'opaque' as Schemas['SecretKind'], description: '', value: '' },
    secret: ['value'],
    send: v =>
      take(
        api.PUT('/api/v1/secrets/{name}', {
          params: { path: { name: v.name.trim() } },
          body: { kind: v.kind, description: v.description.trim(), value: v.value },
        }),
      ),
    onDone: made => {
      say(t('added', { name: made.name }));
      client.invalidateQueries({ queryKey: ['secrets'] });
      navigate({ to: '/manage/secrets/$name', params: { name: made.name } });
    },
  });
  return (
    <FormDialog title={t('add-secret')} form={form} verb={t('add-secret')} onClose={onClose}>
      <TextField label={t('column-name')} required mono {...form.text('name')} />
      <SelectField label={t('column-kind')} {...form.text('kind')}>
        {KINDS.map(k => (
          <option key={k} value={k}>
            {t(`secret-${k}`)}
          </option>
        ))}
      </SelectField>
      <TextField
        label={t('column-description')}
        optional={t('optional')}
        {...form.text('description')}
      />
      <TextArea
        label={t('field-value')}
        hint={t('field-value-hint')}
        mono
        rows={4}
        required
        {...form.text('value')}
      />
    </FormDialog>
  );
}
