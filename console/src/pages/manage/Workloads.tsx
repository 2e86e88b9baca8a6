/** Services, scripts, pipelines, agents; each with somebody who answers for it. */
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Cpu } from 'lucide-react';
import { api, once, take } from '../../api/client';
import { moment } from '../../forms/moment';
import { useForm } from '../../forms/useForm';
import { useWords } from '../../i18n';
import type { ListSearch } from '../../list/state';
import { Empty, Page, PageHead } from '../../ui/bits';
import { TextField } from '../../ui/Field';
import { FormDialog } from '../../ui/FormEnd';
import { Picker } from '../../ui/Picker';
import { say } from '../../ui/toast';
import { findIdentity } from '../shared/find';
import { IdentityList } from '../shared/IdentityList';
import { useAdd } from '../shared/useAdd';

export default function Workloads() {
  const { t } = useWords();
  const search = useSearch({ strict: false }) as ListSearch;
  const add = useAdd(t('add-workload'), 'identity:write');
  return (
    <Page full fill>
      <PageHead title={t('nav-workloads')} lead={t('workloads-lead')} actions={add.head} />
      <IdentityList
        kind="workload"
        search={search}
        actions={null}
        empty={
          <Empty title={t('workloads-none')} icon={<Cpu />} action={add.empty}>
            {t('workloads-none-next')}
          </Empty>
        }
      />
      {add.adding && <AddWorkload onClose={add.close} />}
    </Page>
  );
}

function AddWorkload({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  const form = useForm({
    key: 'workload',
    initial: { name: '', display_name: '', owner: '', ends_at: '' },
    send: (v, attempt) =>
      take(
        api.POST('/api/v1/identities', {
          body: {
            kind: 'workload',
            name: v.name.trim(),
            display_name: v.display_name.trim() || null,
            owner: v.owner.trim(),
            ends_at: moment(v.ends_at),
          },
          params: { header: once(attempt) },
        }),
      ),
    onDone: made => {
      say(t('added', { name: made.display_name || made.name }));
      client.invalidateQueries({ queryKey: ['identities'] });
      navigate({ to: '/manage/people/$name', params: { name: made.name } });
    },
  });
  return (
    <FormDialog title={t('add-workload')} form={form} verb={t('add-workload')} onClose={onClose}>
      <TextField
        label={t('column-name')}
        hint={t('field-workload-name-hint')}
        required
        mono
        {...form.text('name')}
      />
      <TextField
        label={t('field-display-name')}
        optional={t('optional')}
        {...form.text('display_name')}
      />
      <Picker
        label={t('field-owner')}
        value={form.values.owner}
        onChange={v => form.set('owner', v)}
        find={findIdentity}
        error={form.error('owner')}
        required
      />
      <TextField
        label={t('field-ends')}
        type="datetime-local"
        optional={t('optional')}
        {...form.text('ends_at')}
      />
    </FormDialog>
  );
}
