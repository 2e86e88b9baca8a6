/** The seal, webhooks, and what this house is. */
import { useQuery } from '@tanstack/react-query';
import { Lock, Plus, Webhook } from 'lucide-react';
import { useState } from 'react';
import { api, once, type Schemas, take } from '../../api/client';
import { status } from '../../api/queries';
import { useMay } from '../../app/may';
import { useForm } from '../../forms/useForm';
import { useWords } from '../../i18n';
import { Button, ButtonAnchor } from '../../ui/Button';
import {
  Card,
  Command,
  Empty,
  Facts,
  Line,
  Lines,
  Notice,
  Page,
  PageHead,
  Pill,
  Time,
  Two,
  Waiting,
} from '../../ui/bits';
import { Act } from '../../ui/Confirm';
import { Actions, Dialog } from '../../ui/Dialog';
import { TextField } from '../../ui/Field';
import { ProblemNote } from '../../ui/ProblemNote';
import { say } from '../../ui/toast';
import { useNew } from '../../ui/useNew';
import { useAgain } from '../shared/Detail';

export default function Settings() {
  const { t } = useWords();
  const may = useMay();
  const house = useQuery(status());
  const h = house.data;
  return (
    <Page>
      <PageHead title={t('nav-settings')} lead={t('settings-lead')} />
      <ProblemNote error={house.error} onRetry={() => house.refetch()} />
      {house.isPending && <Waiting />}
      <Two>
        {h && <Seal seal={h.seal} />}
        {h && (
          <Card title={t('settings-house')}>
            <Facts
              items={[
                [t('settings-version'), h.version],
                [t('settings-database'), t(`database-${h.database}`)],
                [t('settings-origin'), location.origin],
                [t('overview-log'), t('audit-signed', { n: h.log_leaves })],
                [
                  t('overview-outbox'),
                  t('settings-outbox', { waiting: h.outbox.waiting, failed: h.outbox.failed }),
                ],
              ]}
            />
            <p className="small soft">{t('settings-file')}</p>
          </Card>
        )}
      </Two>
      <Authority />
      {may('settings:write') && <Webhooks />}
    </Page>
  );
}

function Seal({ seal: s }: { seal: Schemas['SealStatus'] }) {
  const { t } = useWords();
  const may = useMay()('seal:manage');
  const again = useAgain('status');
  return (
    <Card
      id="seal"
      title={t('settings-seal')}
      actions={
        s.sealed ? <Pill tone="bad">{t('sealed')}</Pill> : <Pill tone="ok">{t('unsealed')}</Pill>
      }
    >
      <Facts
        items={[
          [t('settings-seal-method'), t(`seal-${s.method}`)],
          s.method === 'shamir' && [
            t('settings-shares'),
            t('settings-shares-of', { need: s.threshold ?? 0, have: s.shares ?? 0 }),
          ],
          [t('column-changed'), <Time key="c" at={s.changed_at} />],
        ]}
      />
      <p className="small soft">{t('settings-seal-text')}</p>
      {may && !s.sealed && (
        <div>
          <Act
            name="seal"
            kind="danger"
            icon={<Lock />}
            ask={{
              title: t('seal-title'),
              what: <p>{t('seal-what')}</p>,
              undo: t('seal-undo'),
              verb: t('seal-now'),
              run: () => take(api.POST('/api/v1/seal')),
              done: t('seal-done'),
              after: again,
            }}
          />
        </div>
      )}
    </Card>
  );
}

/** The keys that hosts trust, when their accounts open with certificates. */
function Authority() {
  const { t } = useWords();
  const may = useMay()('seal:manage');
  const again = useAgain('ssh-ca');
  const found = useQuery({
    queryKey: ['ssh-ca'],
    queryFn: () => take(api.GET('/api/v1/ssh-ca')),
  });
  const rotate = (leaked: boolean) =>
    take(api.POST('/api/v1/ssh-ca/rotate', { body: leaked ? { leaked } : {} }));
  const keys = found.data?.keys ?? [];
  return (
    <Card
      id="ssh-ca"
      title={t('ssh-ca')}
      actions={
        <>
          <ButtonAnchor slim href="/api/v1/ssh-ca.pub" download="doorward_ca.pub">
            {t('ssh-ca-file')}
          </ButtonAnchor>
          {may && (
            <>
              <Act
                name="ca-rotate"
                slim
                ask={{
                  title: t('ssh-ca-rotate-title'),
                  what: <p>{t('ssh-ca-rotate-what')}</p>,
                  undo: t('ssh-ca-rotate-undo'),
                  verb: t('ssh-ca-rotate'),
                  mild: true,
                  run: () => rotate(false),
                  done: t('ssh-ca-rotated'),
                  after: again,
                }}
              />
              <Act
                name="ca-leaked"
                slim
                kind="danger"
                ask={{
                  title: t('ssh-ca-leaked-title'),
                  what: <p>{t('ssh-ca-leaked-what')}</p>,
                  undo: t('ssh-ca-leaked-undo'),
                  verb: t('ssh-ca-leaked'),
                  type: 'leaked',
                  run: () => rotate(true),
                  done: t('ssh-ca-rotated'),
                  after: again,
                }}
              />
            </>
          )}
        </>
      }
    >
      <p className="small soft">{t('ssh-ca-text')}</p>
      {found.isPending && <Waiting lines={1} />}
      <ProblemNote error={found.error} onRetry={() => found.refetch()} />
      {found.isSuccess && keys.length === 0 && <p className="soft">{t('ssh-ca-none')}</p>}
      {keys.map(k => (
        <div key={k.fingerprint} className="stack">
          <Facts
            items={[
              [t('column-state'), t(`ssh-ca-${k.state}`)],
              [t('ssh-ca-fingerprint'), <code key="f">{k.fingerprint}</code>],
              [t('ssh-ca-from'), <Time key="a" at={k.activates_at} />],
              k.retires_at ? [t('ssh-ca-until'), <Time key="r" at={k.retires_at} />] : undefined,
            ]}
          />
          <Command text={k.line} label={k.fingerprint} />
        </div>
      ))}
    </Card>
  );
}

function Webhooks() {
  const { t } = useWords();
  const again = useAgain('webhooks');
  const [adding, setAdding] = useNew();
  const found = useQuery({
    queryKey: ['webhooks'],
    queryFn: () => take(api.GET('/api/v1/webhooks')),
    retry: false,
  });
  const add = (
    <Button slim icon={<Plus />} onClick={() => setAdding('1')}>
      {t('add-webhook')}
    </Button>
  );
  const all = found.data?.items ?? [];
  return (
    <Card
      id="webhooks"
      title={t('webhooks')}
      flush={all.length > 0}
      actions={found.isSuccess && add}
    >
      {found.isPending && <Waiting />}
      <ProblemNote error={found.error} onRetry={() => found.refetch()} />
      {found.isSuccess && all.length === 0 && (
        <Empty title={t('webhooks-none')} icon={<Webhook />}>
          {t('webhooks-none-next')}
        </Empty>
      )}
      <Lines>
        {all.map(w => (
          <Line
            key={w.id}
            actions={
              <>
                <Act
                  name={`switch:${w.id}`}
                  slim
                  hidden={w.name}
                  ask={{
                    title: t(w.enabled ? 'webhook-disable-title' : 'webhook-enable-title', {
                      name: w.name,
                    }),
                    what: <p>{t(w.enabled ? 'webhook-disable-what' : 'webhook-enable-what')}</p>,
                    undo: t('target-switch-undo'),
                    verb: t(w.enabled ? 'disable' : 'enable'),
                    mild: true,
                    run: () =>
                      take(
                        api.PATCH('/api/v1/webhooks/{id}', {
                          params: { path: { id: w.id } },
                          body: { enabled: !w.enabled },
                        }),
                      ),
                    done: t('saved'),
                    after: again,
                  }}
                />
                <Act
                  name={`delete:${w.id}`}
                  slim
                  kind="danger"
                  hidden={w.name}
                  ask={{
                    title: t('delete-title', { name: w.name }),
                    what: <p>{t('delete-webhook-what')}</p>,
                    undo: t('delete-undo'),
                    verb: t('delete'),
                    run: () =>
                      take(api.DELETE('/api/v1/webhooks/{id}', { params: { path: { id: w.id } } })),
                    done: t('deleted', { name: w.name }),
                    after: again,
                  }}
                />
              </>
            }
          >
            <span>
              <strong>{w.name}</strong> {!w.enabled && <Pill>{t('disabled')}</Pill>}
            </span>
            <span className="small soft mono">{w.url}</span>
            <span className="small soft">{w.events.join(', ')}</span>
          </Line>
        ))}
      </Lines>
      {adding && <AddWebhook onClose={() => setAdding()} onDone={again} />}
    </Card>
  );
}

function AddWebhook({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const { t } = useWords();
  const [made, setMade] = useState<Schemas['CreatedWebhook']>();
  const form = useForm({
    key: 'webhook',
    initial: { name: '', url: '', events: '*' },
    send: (v, attempt) =>
      take(
        api.POST('/api/v1/webhooks', {
          body: {
            name: v.name.trim(),
            url: v.url.trim(),
            events: v.events.split(/[\s,]+/).filter(Boolean),
          },
          params: { header: once(attempt) },
        }),
      ),
    onDone: created => {
      say(t('added', { name: created.name }));
      onDone();
      setMade(created);
    },
  });
  return (
    <Dialog title={t('add-webhook')} onClose={onClose} alert={made !== undefined}>
      {made ? (
        <>
          <Notice tone="warn" title={t('webhook-secret')}>
            {t('webhook-secret-text')}
          </Notice>
          <Command text={made.secret} label={t('webhook-secret')} />
          <Actions>
            <Button kind="primary" onClick={onClose}>
              {t('close')}
            </Button>
          </Actions>
        </>
      ) : (
        <form className="stack" onSubmit={form.submit}>
          <TextField label={t('column-name')} required mono {...form.text('name')} />
          <TextField
            label={t('column-url')}
            type="url"
            placeholder="https://hooks.example/doorward"
            required
            mono
            {...form.text('url')}
          />
          <TextField
            label={t('field-events')}
            hint={t('field-events-hint')}
            required
            mono
            {...form.text('events')}
          />
          <ProblemNote error={form.problem} onRetry={form.submit} />
          <Actions>
            <Button onClick={onClose}>{t('cancel')}</Button>
            <Button type="submit" kind="primary" busy={form.busy}>
              {t('add-webhook')}
            </Button>
          </Actions>
        </form>
      )}
    </Dialog>
  );
}
