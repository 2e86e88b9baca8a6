/** The accounts on a target: what opens them, whether it works, what can be done. */
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { KeyRound, Pencil, PlugZap, Plus, RefreshCw } from 'lucide-react';
import { api, ifMatch, once, type Schemas, take } from '../../api/client';
import { type Form, useForm } from '../../forms/useForm';
import { type MessageId, useWords } from '../../i18n';
import { Button } from '../../ui/Button';
import { Card, Command, Line, Lines, Notice, Pill } from '../../ui/bits';
import { Act } from '../../ui/Confirm';
import { Choice, TextArea, TextField } from '../../ui/Field';
import { FormDialog } from '../../ui/FormEnd';
import { ProblemNote } from '../../ui/ProblemNote';
import { say } from '../../ui/toast';
import { useNew } from '../../ui/useNew';
import { useDeeds } from '../shared/deeds';
import { Labels } from './Targets';
import { labelsOf, labelsText } from './target-form';

type Details = Schemas['TargetDetails'];
type Account = Schemas['AccountDetails'];
type Kind = Schemas['CredentialKind'];

const OPENED_BY: Record<Kind, MessageId> = {
  password: 'credential-password',
  private_key: 'credential-key',
  certificate: 'credential-certificate',
};

export function Accounts({ target: x, again }: { target: Details; again: () => void }) {
  const { t } = useWords();
  const may = useDeeds()('target:write');
  const [open, setOpen] = useNew();
  return (
    <Card
      title={t('accounts')}
      flush
      actions={
        may && (
          <Button slim icon={<Plus />} onClick={() => setOpen('account')}>
            {t('add-account')}
          </Button>
        )
      }
    >
      <Lines>
        {x.accounts.map(a => (
          <One key={a.id} target={x} account={a} again={again} onSet={setOpen} />
        ))}
        {x.accounts.length === 0 && <Line>{t('accounts-none')}</Line>}
      </Lines>
      {may && open === 'account' && (
        <AddAccount target={x.name} onClose={() => setOpen()} onDone={again} />
      )}
      {x.accounts.map(
        a =>
          may &&
          open === `edit:${a.name}` && (
            <EditAccount
              key={a.id}
              target={x.name}
              account={a}
              onClose={() => setOpen()}
              onDone={again}
            />
          ),
      )}
      {may && open?.startsWith('credential:') && (
        <SetCredential
          target={x.name}
          account={open.slice('credential:'.length)}
          onClose={() => setOpen()}
          onDone={again}
        />
      )}
    </Card>
  );
}

function One({
  target: x,
  account: a,
  again,
  onSet,
}: {
  target: Details;
  account: Account;
  again: () => void;
  onSet: (what: string) => void;
}) {
  const { t } = useWords();
  const may = useDeeds();
  const write = may('target:write');
  const rotate = may('credential:rotate');
  const shown = `${a.name}@${x.name}`;
  const path = { name: x.name, account: a.name };
  const test = useMutation({
    mutationFn: () =>
      take(api.POST('/api/v1/targets/{name}/accounts/{account}/test', { params: { path } })),
  });
  const kept = a.credential === 'password' || a.credential === 'private_key';
  return (
    <Line
      actions={
        <>
          {rotate && a.credential != null && (
            <Button slim icon={<PlugZap />} onClick={() => test.mutate()} busy={test.isPending}>
              {t('test-connection')}
              <span className="hide"> {a.name}</span>
            </Button>
          )}
          {write && (
            <>
              <Button slim icon={<Pencil />} onClick={() => onSet(`edit:${a.name}`)}>
                {t('edit')}
                <span className="hide"> {a.name}</span>
              </Button>
              <Button slim icon={<KeyRound />} onClick={() => onSet(`credential:${a.name}`)}>
                {t('set-credential')}
                <span className="hide"> {a.name}</span>
              </Button>
            </>
          )}
          {rotate && kept && (
            <Act
              name={`rotate:${a.name}`}
              slim
              icon={<RefreshCw />}
              hidden={a.name}
              ask={{
                title: t('rotate-title', { name: shown }),
                what: <p>{t('rotate-what')}</p>,
                undo: t('rotate-undo'),
                verb: t('rotate'),
                run: () =>
                  take(
                    api.POST('/api/v1/targets/{name}/accounts/{account}/rotate', {
                      params: { path },
                    }),
                  ),
                done: t('rotated'),
                after: again,
              }}
            />
          )}
          {write && (
            <Act
              name={`delete:${a.name}`}
              slim
              kind="danger"
              hidden={a.name}
              ask={{
                title: t('delete-title', { name: shown }),
                what: <p>{t('delete-account-what')}</p>,
                undo: t('delete-undo'),
                verb: t('delete'),
                run: () =>
                  take(
                    api.DELETE('/api/v1/targets/{name}/accounts/{account}', {
                      params: { path, header: ifMatch(a.version) },
                    }),
                  ),
                done: t('deleted', { name: a.name }),
                after: again,
              }}
            />
          )}
        </>
      }
    >
      <span className="mono">
        <strong>{a.name}</strong>@{x.name}
      </span>
      <span className="small">
        {a.credential ? (
          <Pill tone="ok">{t(OPENED_BY[a.credential])}</Pill>
        ) : (
          <Pill tone="warn">{t('credential-missing')}</Pill>
        )}
      </span>
      {Object.keys(a.labels).length > 0 && <Labels labels={a.labels} />}
      <span role="status" className="small">
        {test.data &&
          (test.data.works ? (
            <Pill tone="ok">{t('test-works')}</Pill>
          ) : (
            <>
              <Pill tone="bad">{t('test-fails')}</Pill>{' '}
              {test.data.problem ??
                t(a.credential === 'certificate' ? 'test-distrusted' : 'test-refused')}
            </>
          ))}
      </span>
      <ProblemNote error={test.error} onRetry={() => test.mutate()} />
    </Line>
  );
}

function AddAccount({
  target,
  onClose,
  onDone,
}: {
  target: string;
  onClose: () => void;
  onDone: () => void;
}) {
  const { t } = useWords();
  const form = useForm({
    key: `account.${target}`,
    initial: { name: '', labels: '' },
    send: (v, attempt) =>
      take(
        api.POST('/api/v1/targets/{name}/accounts', {
          params: { path: { name: target }, header: once(attempt) },
          body: { name: v.name.trim(), labels: labelsOf(v.labels) },
        }),
      ),
    onDone: made => {
      say(t('added', { name: `${made.name}@${target}` }));
      onDone();
      onClose();
    },
  });
  return (
    <FormDialog
      title={t('add-account-title', { name: target })}
      form={form}
      verb={t('add-account')}
      onClose={onClose}
    >
      <AccountFields form={form} />
    </FormDialog>
  );
}

function EditAccount({
  target,
  account: a,
  onClose,
  onDone,
}: {
  target: string;
  account: Account;
  onClose: () => void;
  onDone: () => void;
}) {
  const { t } = useWords();
  const form = useForm({
    key: `account.${a.id}.${a.version}`,
    initial: { name: a.name, labels: labelsText(a.labels) },
    send: v =>
      take(
        api.PATCH('/api/v1/targets/{name}/accounts/{account}', {
          params: { path: { name: target, account: a.name }, header: ifMatch(a.version) },
          body: { name: v.name.trim(), labels: labelsOf(v.labels) },
        }),
      ),
    onDone: () => {
      say(t('saved'));
      onDone();
      onClose();
    },
  });
  return (
    <FormDialog
      title={t('edit-account-title', { name: `${a.name}@${target}` })}
      form={form}
      verb={t('save')}
      onClose={onClose}
    >
      <AccountFields form={form} />
    </FormDialog>
  );
}

/** What an account is called, and what policies may ask about. */
function AccountFields({ form }: { form: Form<{ name: string; labels: string }> }) {
  const { t } = useWords();
  return (
    <>
      <TextField
        label={t('field-login')}
        placeholder="deploy"
        required
        mono
        {...form.text('name')}
      />
      <TextField
        label={t('column-labels')}
        hint={t('field-labels-hint')}
        optional={t('optional')}
        mono
        {...form.text('labels')}
      />
    </>
  );
}

function SetCredential({
  target,
  account,
  onClose,
  onDone,
}: {
  target: string;
  account: string;
  onClose: () => void;
  onDone: () => void;
}) {
  const { t } = useWords();
  const form = useForm({
    key: `credential.${account}@${target}`,
    initial: { kind: 'certificate' as Kind, value: '' },
    secret: ['value'],
    send: v =>
      take(
        api.PUT('/api/v1/targets/{name}/accounts/{account}/credential', {
          params: { path: { name: target, account } },
          body: { kind: v.kind, value: v.kind === 'certificate' ? null : v.value },
        }),
      ),
    onDone: () => {
      say(t('credential-kept'));
      onDone();
      onClose();
    },
  });
  return (
    <FormDialog
      title={t('credential-title', { name: `${account}@${target}` })}
      form={form}
      verb={t('set-credential')}
      onClose={onClose}
    >
      <Choice
        legend={t('column-kind')}
        name="kind"
        value={form.values.kind}
        onChange={k => form.set('kind', k)}
        options={[
          {
            value: 'certificate',
            label: t('credential-certificate'),
            hint: t('credential-certificate-hint'),
          },
          { value: 'private_key', label: t('credential-key'), hint: t('credential-key-hint') },
          {
            value: 'password',
            label: t('credential-password'),
            hint: t('credential-password-hint'),
          },
        ]}
      />
      {form.values.kind === 'certificate' && (
        <Notice title={t('certificate-trust')}>
          <p>{t('certificate-trust-text')}</p>
          <Command
            text={`curl -fsS ${location.origin}/api/v1/ssh-ca.pub > /etc/ssh/doorward_ca.pub`}
            label={t('certificate-trust')}
          />
          <Command
            text="TrustedUserCAKeys /etc/ssh/doorward_ca.pub"
            label={t('certificate-config')}
          />
          <p>
            <Link to="/manage/settings">{t('certificate-keys')}</Link>
          </p>
        </Notice>
      )}
      {form.values.kind === 'password' && (
        <TextField
          label={t('credential-password')}
          hint={t('credential-hint')}
          type="password"
          autoComplete="off"
          required
          {...form.text('value')}
        />
      )}
      {form.values.kind === 'private_key' && (
        <TextArea
          label={t('credential-key')}
          hint={t('credential-hint')}
          mono
          rows={6}
          required
          {...form.text('value')}
        />
      )}
    </FormDialog>
  );
}
