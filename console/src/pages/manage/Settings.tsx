/** The seal, webhooks, and what this house is. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Lock, Plus, Webhook } from 'lucide-react';
import { useState } from 'react';
import { api, once, type Schemas, take } from '../../api/client';
import { status } from '../../api/queries';
import { useForm } from '../../forms/useForm';
import { useWords } from '../../i18n';
import { Button } from '../../ui/Button';
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
import { useConfirm } from '../../ui/Confirm';
import { Actions, Dialog } from '../../ui/Dialog';
import { TextField } from '../../ui/Field';
import { ProblemNote } from '../../ui/ProblemNote';
import { say } from '../../ui/toast';
import { useNew } from '../../ui/useNew';

export default function Settings() {
  const { t } = useWords();
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
                [t('overview-log'), h.log_leaves],
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
      <Webhooks />
    </Page>
  );
}

function Seal({ seal: s }: { seal: Schemas['SealStatus'] }) {
  const { t } = useWords();
  const client = useQueryClient();
  const [dialog, ask] = useConfirm();
  return (
    <Card
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
      {!s.sealed && (
        <div>
          <Button
            kind="danger"
            icon={<Lock />}
            onClick={() =>
              ask({
                title: t('seal-title'),
                what: <p>{t('seal-what')}</p>,
                undo: t('seal-undo'),
                verb: t('seal-now'),
                run: () => take(api.POST('/api/v1/seal')),
                done: t('seal-done'),
                after: () => client.invalidateQueries({ queryKey: ['status'] }),
              })
            }
          >
            {t('seal-now')}
          </Button>
        </div>
      )}
      {dialog}
    </Card>
  );
}

function Webhooks() {
  const { t } = useWords();
  const client = useQueryClient();
  const [dialog, ask] = useConfirm();
  const [adding, setAdding] = useNew();
  const found = useQuery({
    queryKey: ['webhooks'],
    queryFn: () => take(api.GET('/api/v1/webhooks')),
    retry: false,
  });
  const again = () => client.invalidateQueries({ queryKey: ['webhooks'] });
  const add = (
    <Button slim icon={<Plus />} onClick={() => setAdding('1')}>
      {t('add-webhook')}
    </Button>
  );
  const all = found.data?.items ?? [];
  return (
    <Card title={t('webhooks')} flush={all.length > 0} actions={found.isSuccess && add}>
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
                <Button
                  slim
                  onClick={() =>
                    ask({
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
                    })
                  }
                >
                  {t(w.enabled ? 'disable' : 'enable')}
                  <span className="hide"> {w.name}</span>
                </Button>
                <Button
                  slim
                  kind="danger"
                  onClick={() =>
                    ask({
                      title: t('delete-title', { name: w.name }),
                      what: <p>{t('delete-webhook-what')}</p>,
                      undo: t('delete-undo'),
                      verb: t('delete'),
                      run: () =>
                        take(
                          api.DELETE('/api/v1/webhooks/{id}', { params: { path: { id: w.id } } }),
                        ),
                      done: t('deleted', { name: w.name }),
                      after: again,
                    })
                  }
                >
                  {t('delete')}
                  <span className="hide"> {w.name}</span>
                </Button>
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
      {dialog}
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
    <Dialog title={t('add-webhook')} open onClose={onClose} alert={made !== undefined}>
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
