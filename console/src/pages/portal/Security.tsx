/** How I prove who I am, and where I am signed in. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import {
  Fingerprint,
  KeyRound,
  type LucideIcon,
  Monitor,
  RectangleEllipsis,
  ShieldCheck,
  Smartphone,
  TerminalSquare,
} from 'lucide-react';
import { api, once, take } from '../../api/client';
import { session } from '../../api/queries';
import { useForm } from '../../forms/useForm';
import { type MessageId, useWords } from '../../i18n';
import { Button, ButtonAnchor } from '../../ui/Button';
import {
  Card,
  Empty,
  Facts,
  Line,
  Lines,
  Page,
  PageHead,
  Pill,
  Row,
  Time,
  Two,
  Waiting,
} from '../../ui/bits';
import { Act } from '../../ui/Confirm';
import { TextArea, TextField } from '../../ui/Field';
import { FormDialog } from '../../ui/FormEnd';
import { ProblemNote } from '../../ui/ProblemNote';
import { say } from '../../ui/toast';
import { useNew } from '../../ui/useNew';
import { agent } from '../shared/agent';
import { DeviceLine, ForgetMine } from '../shared/Devices';
import { ownLabel } from '../shared/factors';

const FACTORS: Record<string, { label: MessageId; icon: LucideIcon }> = {
  password: { label: 'factor-password', icon: RectangleEllipsis },
  totp: { label: 'factor-totp', icon: Smartphone },
  passkey: { label: 'factor-passkey', icon: Fingerprint },
  recovery: { label: 'factor-recovery', icon: ShieldCheck },
  'ssh-key': { label: 'factor-ssh-key', icon: KeyRound },
};

export default function Security() {
  const { t } = useWords();
  const client = useQueryClient();
  const [adding, setAdding] = useNew();
  const me = useQuery(session());
  const authenticators = useQuery({
    queryKey: ['authenticators'],
    queryFn: () => take(api.GET('/api/v1/own/authenticators')),
  });
  const sessions = useQuery({
    queryKey: ['own-sessions'],
    queryFn: () => take(api.GET('/api/v1/own/sessions')),
  });
  const devices = useQuery({
    queryKey: ['devices', 'own'],
    queryFn: () => take(api.GET('/api/v1/own/devices')),
  });
  const again = (word: string) => () => client.invalidateQueries({ queryKey: [word] });
  const all = authenticators.data?.items ?? [];
  const codes = all.filter(a => a.factor === 'recovery');
  const shown = all.filter(a => a.factor !== 'recovery');
  return (
    <Page>
      <PageHead title={t('security-title')} lead={t('security-lead')} />
      <Two>
        <Card
          title={t('security-authenticators')}
          flush
          actions={
            <Row>
              <Button slim icon={<KeyRound />} onClick={() => setAdding('1')}>
                {t('add-ssh-key')}
              </Button>
              <ButtonAnchor slim href="/you">
                {t('add-authenticator')}
              </ButtonAnchor>
            </Row>
          }
        >
          <ProblemNote error={authenticators.error} onRetry={() => authenticators.refetch()} />
          {authenticators.isPending && <Waiting />}
          <Lines>
            {shown.map(a => {
              const known = FACTORS[a.factor.replace('_', '-')];
              const Icon = known?.icon ?? ShieldCheck;
              const name = known ? t(known.label) : a.factor;
              const own = ownLabel(a);
              const called = own || name;
              return (
                <Line
                  key={a.id}
                  start={<Icon size={18} aria-hidden="true" />}
                  actions={
                    <Act
                      name={`remove:${a.id}`}
                      slim
                      kind="danger"
                      hidden={called}
                      ask={{
                        title: t('remove-authenticator-title', { name: called }),
                        what: <p>{t('remove-authenticator-what')}</p>,
                        undo: t('remove-authenticator-undo'),
                        verb: t('remove'),
                        run: () =>
                          take(
                            api.DELETE('/api/v1/own/authenticators/{id}', {
                              params: { path: { id: a.id } },
                            }),
                          ),
                        done: t('removed', { name: called }),
                        after: again('authenticators'),
                      }}
                    />
                  }
                >
                  <strong>{called}</strong>
                  <span className="soft small">
                    {own && own !== name ? `${name} · ` : ''}
                    {a.used_at ? (
                      <>
                        {t('last-used')} <Time at={a.used_at} />
                      </>
                    ) : (
                      <>
                        {t('added-at')} <Time at={a.created_at} />
                        {/* Whoever enrolled it in this session proved it thereby. */}
                        {!me.data?.factors.includes(a.factor) && ` · ${t('never-used')}`}
                      </>
                    )}
                  </span>
                  {a.fingerprint && <code className="small soft">{a.fingerprint}</code>}
                </Line>
              );
            })}
            {codes.length > 0 && (
              <Line start={<ShieldCheck size={18} aria-hidden="true" />}>
                <strong>{t('factor-recovery')}</strong>
                <span className="soft small">{t('recovery-left', { count: codes.length })}</span>
              </Line>
            )}
          </Lines>
        </Card>
        <Card title={t('security-sessions')} flush>
          <ProblemNote error={sessions.error} onRetry={() => sessions.refetch()} />
          {sessions.isPending && <Waiting />}
          <Lines>
            {(sessions.data?.items ?? []).map(s => (
              <Line
                key={s.id}
                start={
                  s.kind === 'cli' ? (
                    <TerminalSquare size={18} aria-hidden="true" />
                  ) : (
                    <Monitor size={18} aria-hidden="true" />
                  )
                }
                actions={
                  s.current ? (
                    <Pill tone="ok">{t('this-one')}</Pill>
                  ) : (
                    <Act
                      name={`end:${s.id}`}
                      slim
                      hidden={agent(s.user_agent)}
                      ask={{
                        title: t('end-session-title'),
                        what: <p>{t('end-session-what', { agent: agent(s.user_agent) })}</p>,
                        undo: t('end-session-undo'),
                        verb: t('end-session'),
                        run: () =>
                          take(
                            api.DELETE('/api/v1/own/sessions/{id}', {
                              params: { path: { id: s.id } },
                            }),
                          ),
                        done: t('end-session-done'),
                        after: again('own-sessions'),
                      }}
                    />
                  )
                }
              >
                <strong>{s.kind === 'cli' ? t('session-cli') : agent(s.user_agent)}</strong>
                <span className="soft small">
                  {s.network.address ?? t('address-unknown')} · {t('last-seen')}{' '}
                  <Time at={s.last_seen_at} />
                </span>
              </Line>
            ))}
          </Lines>
        </Card>
      </Two>
      <Card title={t('security-devices')} flush>
        <ProblemNote error={devices.error} onRetry={() => devices.refetch()} />
        {devices.isPending && <Waiting />}
        <Lines>
          {(devices.data?.items ?? []).map(d => (
            <DeviceLine
              key={d.id}
              device={d}
              actions={
                d.current ? (
                  <Pill tone="ok">{t('this-one')}</Pill>
                ) : (
                  <ForgetMine device={d} again={again('devices')} />
                )
              }
            />
          ))}
          {devices.data?.items.length === 0 && <Line>{t('security-no-devices')}</Line>}
        </Lines>
      </Card>
      {me.data && (
        <Card title={t('security-session')}>
          <Facts
            items={[
              [t('assurance'), t('assurance-level', { level: assurance(me.data.assurance) })],
              [t('factors'), me.data.factors.map(f => label(t, f)).join(', ')],
              [t('phishing-resistant'), me.data.phishing_resistant ? t('yes') : t('no')],
              [t('session-until'), <Time key="u" at={me.data.expires_at} />],
              [t('nav-groups'), me.data.groups.join(', ') || '–'],
              [t('nav-roles'), me.data.roles.join(', ') || '–'],
            ]}
          />
        </Card>
      )}
      {authenticators.isSuccess && authenticators.data.items.length === 0 && (
        <Empty title={t('security-none')}>{t('security-none-next')}</Empty>
      )}
      {adding && <AddKey onClose={() => setAdding()} onAdded={again('authenticators')} />}
    </Page>
  );
}

/** The level as a number, from `aal2` or `2`. */
function assurance(level: unknown): string {
  return String(level).replace(/\D/g, '') || String(level);
}

function label(t: (id: MessageId) => string, factor: string): string {
  const known = FACTORS[factor.replace('_', '-')];
  return known ? t(known.label) : factor;
}

function AddKey({ onClose, onAdded }: { onClose: () => void; onAdded: () => void }) {
  const { t } = useWords();
  const form = useForm({
    key: 'ssh-key',
    initial: { label: '', public_key: '' },
    send: (v, attempt) =>
      take(api.POST('/api/v1/own/ssh-keys', { body: v, params: { header: once(attempt) } })),
    onDone: () => {
      say(t('ssh-key-added'));
      onAdded();
      onClose();
    },
  });
  return (
    <FormDialog title={t('add-ssh-key')} form={form} verb={t('add')} onClose={onClose}>
      <TextField
        label={t('ssh-key-label')}
        placeholder={t('ssh-key-label-example')}
        optional={t('optional')}
        {...form.text('label')}
      />
      <TextArea
        label={t('ssh-key-public')}
        hint={t('ssh-key-hint')}
        mono
        rows={4}
        required
        {...form.text('public_key', 'key')}
      />
    </FormDialog>
  );
}
