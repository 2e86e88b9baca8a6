/** Everybody, and adding somebody. */
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { UserRound } from 'lucide-react';
import { api, once, type Schemas, take } from '../../api/client';
import { moment } from '../../forms/moment';
import { useForm } from '../../forms/useForm';
import { useWords } from '../../i18n';
import type { ListSearch } from '../../list/state';
import { Empty, Fields, Page, PageHead } from '../../ui/bits';
import { SelectField, TextField } from '../../ui/Field';
import { FormDialog } from '../../ui/FormEnd';
import { say } from '../../ui/toast';
import { IdentityList, RELATIONS } from '../shared/IdentityList';
import { useAdd } from '../shared/useAdd';

export default function People() {
  const { t } = useWords();
  const search = useSearch({ strict: false }) as ListSearch;
  const add = useAdd(t('add-person'), 'identity:write');
  return (
    <Page full fill>
      <PageHead title={t('nav-people')} lead={t('people-lead')} actions={add.head} />
      <IdentityList
        kind="person"
        search={search}
        actions={null}
        empty={
          <Empty title={t('people-none')} icon={<UserRound />} action={add.empty}>
            {t('people-none-next')}
          </Empty>
        }
      />
      {add.adding && <AddPerson onClose={add.close} />}
    </Page>
  );
}

function AddPerson({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  const form = useForm({
    key: 'person',
    initial: {
      name: '',
      display_name: '',
      email: '',
      relation: 'employee',
      starts_at: '',
      ends_at: '',
    },
    send: (v, attempt) =>
      take(
        api.POST('/api/v1/identities', {
          body: {
            kind: 'person',
            name: v.name.trim(),
            display_name: v.display_name.trim() || null,
            email: v.email.trim() || null,
            relation: v.relation as Schemas['Relation'],
            starts_at: moment(v.starts_at),
            ends_at: moment(v.ends_at),
          },
          params: { header: once(attempt) },
        }),
      ),
    onDone: made => {
      say(t('added', { name: made.display_name || made.name }));
      client.invalidateQueries({ queryKey: ['identities'] });
      navigate({
        to: '/manage/people/$name',
        params: { name: made.name },
        search: { tab: 'new' } as never,
      });
    },
  });
  return (
    <FormDialog title={t('add-person')} form={form} verb={t('add-person')} onClose={onClose} wide>
      <Fields>
        <TextField
          label={t('field-display-name')}
          placeholder="Ada Keller"
          {...form.text('display_name')}
        />
        <TextField
          label={t('field-sign-in-name')}
          hint={t('field-sign-in-name-hint')}
          required
          mono
          {...form.text('name')}
        />
        <TextField
          label={t('column-email')}
          type="email"
          optional={t('optional')}
          {...form.text('email')}
        />
        <SelectField label={t('column-relation')} {...form.text('relation')}>
          {RELATIONS.map(r => (
            <option key={r} value={r}>
              {t(`relation-${r}`)}
            </option>
          ))}
        </SelectField>
        <TextField
          label={t('field-starts')}
          type="datetime-local"
          optional={t('optional')}
          {...form.text('starts_at')}
        />
        <TextField
          label={t('field-ends')}
          type="datetime-local"
          optional={t('optional')}
          hint={t('field-ends-hint')}
          {...form.text('ends_at')}
        />
      </Fields>
    </FormDialog>
  );
}
