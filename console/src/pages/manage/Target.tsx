/** One target, its accounts and their credentials. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { KeyRound, Network, Plus, RefreshCw, Trash2 } from 'lucide-react';
import { api, ifMatch, once, type Schemas, take } from '../../api/client';
import { useForm } from '../../forms/useForm';
import { useWords } from '../../i18n';
import { Button, ButtonLink } from '../../ui/Button';
import { Card, Fields, Line, Lines, Page, PageHead, Pill, Two, Waiting } from '../../ui/bits';
import { useConfirm } from '../../ui/Confirm';
import { Actions, Dialog } from '../../ui/Dialog';
import { Choice, TextArea, TextField } from '../../ui/Field';
import { ProblemNote } from '../../ui/ProblemNote';
import { say } from '../../ui/toast';
import { useNew } from '../../ui/useNew';
import { Labels } from './Targets';
import { labelsOf, labelsText, settingsOf } from './target-form';

type Details = Schemas['TargetDetails'];

export default function Target() {
  const { t } = useWords();
  const { name = '' } = useParams({ strict: false });
  const client = useQueryClient();
  const navigate = useNavigate();
  const [dialog, ask] = useConfirm();
  const [open, setOpen] = useNew();
  const found = useQuery({
    queryKey: ['targets', name],
    queryFn: () => take(api.GET('/api/v1/targets/{name}', { params: { path: { name } } })),
  });
  const x = found.data;
  const again = () => client.invalidateQueries({ queryKey: ['targets'] });
  if (!x) {
    return (
      <Page>
        <PageHead title={name} />
        {found.isPending && <Waiting />}
        <ProblemNote error={found.error} onRetry={() => found.refetch()} />
      </Page>
    );
  }
  const at = (account: string) => ({ params: { path: { name, account } } });
  return (
    <Page>
      <PageHead
        above={
          <>
            <Link to="/manage/targets">{t('nav-targets')}</Link>
            <Pill>{x.kind}</Pill>
            {!x.enabled && <Pill tone="bad">{t('disabled')}</Pill>}
          </>
        }
        title={<span className="mono">{x.name}</span>}
        lead={x.description}
        actions={
          <>
            <ButtonLink to="/manage/map" search={{ what: x.name }} icon={<Network />}>
              {t('who-reaches')}
            </ButtonLink>
            <Button
              onClick={() =>
                ask({
                  title: t(x.enabled ? 'target-disable-title' : 'target-enable-title', {
                    name: x.name,
                  }),
                  what: <p>{t(x.enabled ? 'target-disable-what' : 'target-enable-what')}</p>,
                  undo: t('target-switch-undo'),
                  verb: t(x.enabled ? 'disable' : 'enable'),
                  mild: !x.enabled,
                  run: () =>
                    take(
                      api.PATCH('/api/v1/targets/{name}', {
                        params: { path: { name }, header: ifMatch(x.version) },
                        body: { enabled: !x.enabled },
                      }),
                    ),
                  done: t('saved'),
                  after: again,
                })
              }
            >
              {t(x.enabled ? 'disable' : 'enable')}
            </Button>
            <Button
              kind="danger"
              icon={<Trash2 />}
              onClick={() =>
                ask({
                  title: t('delete-title', { name: x.name }),
                  what: <p>{t('delete-target-what', { count: x.accounts.length })}</p>,
                  undo: t('delete-undo'),
                  verb: t('delete'),
                  type: x.name,
                  run: () =>
                    take(
                      api.DELETE('/api/v1/targets/{name}', {
                        params: { path: { name }, header: ifMatch(x.version) },
                      }),
                    ),
                  done: t('deleted', { name: x.name }),
                  after: () => {
                    again();
                    navigate({ to: '/manage/targets' });
                  },
                })
              }
            >
              {t('delete')}
            </Button>
          </>
        }
      />
      <Two>
        <Card
          title={t('accounts')}
          flush
          actions={
            <Button slim icon={<Plus />} onClick={() => setOpen('account')}>
              {t('add-account')}
            </Button>
          }
        >
          <Lines>
            {x.accounts.map(a => (
              <Line
                key={a.id}
                actions={
                  <>
                    <Button
                      slim
                      icon={<KeyRound />}
                      onClick={() => setOpen(`credential:${a.name}`)}
                    >
                      {t('set-credential')}
                      <span className="hide"> {a.name}</span>
                    </Button>
                    {a.has_credential && (
                      <Button
                        slim
                        icon={<RefreshCw />}
                        onClick={() =>
                          ask({
                            title: t('rotate-title', { name: `${a.name}@${x.name}` }),
                            what: <p>{t('rotate-what')}</p>,
                            undo: t('rotate-undo'),
                            verb: t('rotate'),
                            run: () =>
                              take(
                                api.POST(
                                  '/api/v1/targets/{name}/accounts/{account}/rotate',
                                  at(a.name),
                                ),
                              ),
                            done: t('rotated'),
                            after: again,
                          })
                        }
                      >
                        {t('rotate')}
                        <span className="hide"> {a.name}</span>
                      </Button>
                    )}
                    <Button
                      slim
                      kind="danger"
                      onClick={() =>
                        ask({
                          title: t('delete-title', { name: `${a.name}@${x.name}` }),
                          what: <p>{t('delete-account-what')}</p>,
                          undo: t('delete-undo'),
                          verb: t('delete'),
                          run: () =>
                            take(
                              api.DELETE('/api/v1/targets/{name}/accounts/{account}', {
                                params: {
                                  path: { name, account: a.name },
                                  header: ifMatch(a.version),
                                },
                              }),
                            ),
                          done: t('deleted', { name: a.name }),
                          after: again,
                        })
                      }
                    >
                      {t('delete')}
                      <span className="hide"> {a.name}</span>
                    </Button>
                  </>
                }
              >
                <span className="mono">
                  <strong>{a.name}</strong>@{x.name}
                </span>
                <span className="small">
                  {a.has_credential ? (
                    <Pill tone="ok">{t('credential-set')}</Pill>
                  ) : (
                    <Pill tone="warn">{t('credential-missing')}</Pill>
                  )}
                </span>
                {Object.keys(a.labels).length > 0 && <Labels labels={a.labels} />}
              </Line>
            ))}
            {x.accounts.length === 0 && <Line>{t('accounts-none')}</Line>}
          </Lines>
        </Card>
        <Card title={t('details')}>
          <Edit key={x.version} target={x} onDone={again} />
        </Card>
      </Two>
      {open === 'account' && (
        <AddAccount target={x.name} onClose={() => setOpen()} onDone={again} />
      )}
      {open?.startsWith('credential:') && (
        <SetCredential
          target={x.name}
          account={open.slice('credential:'.length)}
          onClose={() => setOpen()}
          onDone={again}
        />
      )}
      {dialog}
    </Page>
  );
}

function Edit({ target: x, onDone }: { target: Details; onDone: () => void }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const s = settingsOf(x.settings);
  const ssh = x.kind === 'ssh';
  const form = useForm({
    key: `target.${x.id}.${x.version}`,
    initial: {
      name: x.name,
      description: x.description,
      host: s.host,
      port: String(s.port),
      host_keys: s.host_keys.join('\n'),
      settings: JSON.stringify(x.settings, null, 2),
      labels: labelsText(x.labels),
    },
    send: v =>
      take(
        api.PATCH('/api/v1/targets/{name}', {
          params: { path: { name: x.name }, header: ifMatch(x.version) },
          body: {
            name: v.name.trim(),
            description: v.description.trim(),
            settings: ssh
              ? {
                  ...(x.settings as object),
                  host: v.host.trim(),
                  port: Number(v.port),
                  host_keys: v.host_keys
                    .split('\n')
                    .map(k => k.trim())
                    .filter(Boolean),
                }
              : JSON.parse(v.settings),
            labels: labelsOf(v.labels),
          },
        }),
      ),
    onDone: now => {
      say(t('saved'));
      onDone();
      if (now.name !== x.name)
        navigate({ to: '/manage/targets/$name', params: { name: now.name }, replace: true });
    },
  });
  return (
    <form className="stack" onSubmit={form.submit}>
      <TextField label={t('column-name')} required mono {...form.text('name')} />
      <TextField label={t('column-description')} {...form.text('description')} />
      {ssh ? (
        <>
          <Fields>
            <TextField label={t('field-host')} required mono {...form.text('host')} />
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
            mono
            rows={3}
            {...form.text('host_keys')}
          />
        </>
      ) : (
        <TextArea label={t('field-settings')} mono rows={8} {...form.text('settings')} />
      )}
      <TextField
        label={t('column-labels')}
        hint={t('field-labels-hint')}
        mono
        {...form.text('labels')}
      />
      <ProblemNote error={form.problem} onRetry={form.submit} />
      <Actions>
        {form.changed && <Button onClick={form.reset}>{t('discard')}</Button>}
        <Button type="submit" kind="primary" busy={form.busy} disabled={!form.changed}>
          {t('save')}
        </Button>
      </Actions>
    </form>
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
    <Dialog title={t('add-account-title', { name: target })} open onClose={onClose}>
      <form className="stack" onSubmit={form.submit}>
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
        <ProblemNote error={form.problem} onRetry={form.submit} />
        <Actions>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button type="submit" kind="primary" busy={form.busy}>
            {t('add-account')}
          </Button>
        </Actions>
      </form>
    </Dialog>
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
    initial: { kind: 'private_key' as Schemas['CredentialKind'], value: '' },
    secret: ['value'],
    send: v =>
      take(
        api.PUT('/api/v1/targets/{name}/accounts/{account}/credential', {
          params: { path: { name: target, account } },
          body: { kind: v.kind, value: v.value },
        }),
      ),
    onDone: () => {
      say(t('credential-kept'));
      onDone();
      onClose();
    },
  });
  return (
    <Dialog title={t('credential-title', { name: `${account}@${target}` })} open onClose={onClose}>
      <form className="stack" onSubmit={form.submit}>
        <Choice
          legend={t('column-kind')}
          name="kind"
          value={form.values.kind}
          onChange={k => form.set('kind', k)}
          options={[
            { value: 'private_key', label: t('credential-key') },
            { value: 'password', label: t('credential-password') },
          ]}
        />
        {form.values.kind === 'password' ? (
          <TextField
            label={t('credential-password')}
            hint={t('credential-hint')}
            type="password"
            autoComplete="off"
            required
            {...form.text('value')}
          />
        ) : (
          <TextArea
            label={t('credential-key')}
            hint={t('credential-hint')}
            mono
            rows={6}
            required
            {...form.text('value')}
          />
        )}
        <ProblemNote error={form.problem} onRetry={form.submit} />
        <Actions>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button type="submit" kind="primary" busy={form.busy}>
            {t('set-credential')}
          </Button>
        </Actions>
      </form>
    </Dialog>
  );
}
