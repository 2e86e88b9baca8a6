/** Chooses an identity or a group, for a group or a role. */
import { useState } from 'react';
import { moment } from '../../forms/moment';
import { useForm } from '../../forms/useForm';
import { useWords } from '../../i18n';
import { Button } from '../../ui/Button';
import { Actions, Dialog } from '../../ui/Dialog';
import { Choice, TextField } from '../../ui/Field';
import { Picker } from '../../ui/Picker';
import { ProblemNote } from '../../ui/ProblemNote';
import { findGroup, findIdentity } from './find';

export type MemberKind = 'identities' | 'groups';

export function AddMember({
  title,
  verb,
  until,
  onClose,
  send,
  onDone,
}: {
  title: string;
  /** The button. */
  verb: string;
  /** An end can be set. */
  until?: boolean;
  onClose: () => void;
  send: (kind: MemberKind, name: string, until: string | null) => Promise<unknown>;
  onDone: (name: string) => void;
}) {
  const { t } = useWords();
  const [kind, setKind] = useState<MemberKind>('identities');
  const form = useForm({
    key: `member.${title}`,
    initial: { name: '', ends_at: '' },
    send: v => send(kind, v.name.trim(), moment(v.ends_at)),
    onDone: (_, v) => onDone(v.name),
  });
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="stack" onSubmit={form.submit}>
        <Choice
          legend={t('member-kind')}
          name="kind"
          value={kind}
          onChange={k => {
            setKind(k);
            form.set('name', '');
          }}
          options={[
            { value: 'identities', label: t('member-identity') },
            { value: 'groups', label: t('member-group') },
          ]}
        />
        <Picker
          key={kind}
          label={kind === 'groups' ? t('member-group') : t('member-identity')}
          value={form.values.name}
          onChange={v => form.set('name', v)}
          find={kind === 'groups' ? findGroup : findIdentity}
          required
        />
        {until && (
          <TextField
            label={t('field-until')}
            hint={t('field-until-hint')}
            type="datetime-local"
            optional={t('optional')}
            {...form.text('ends_at')}
          />
        )}
        <ProblemNote error={form.problem ?? undefined} onRetry={form.submit} />
        <Actions>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button
            type="submit"
            kind="primary"
            busy={form.busy}
            disabled={form.values.name.trim() === ''}
          >
            {verb}
          </Button>
        </Actions>
      </form>
    </Dialog>
  );
}
