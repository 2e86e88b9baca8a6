/** One application: what it is told, how it is set up. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { RefreshCw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api, ifMatch, type Schemas, take } from '../../api/client';
import { useForm } from '../../forms/useForm';
import { useWords } from '../../i18n';
import { Button } from '../../ui/Button';
import { Card, Page, PageHead, Pill, Two, Waiting } from '../../ui/bits';
import { useConfirm } from '../../ui/Confirm';
import { Actions } from '../../ui/Dialog';
import { Checkbox, TextArea, TextField } from '../../ui/Field';
import { ProblemNote } from '../../ui/ProblemNote';
import { say } from '../../ui/toast';
import { lines } from './Applications';
import { Connect } from './Connect';

export default function Application() {
  const { t } = useWords();
  const { name = '' } = useParams({ strict: false });
  const client = useQueryClient();
  const navigate = useNavigate();
  const [dialog, ask] = useConfirm();
  const [fresh, setFresh] = useState<Schemas['RegisteredApplication']>();
  const path = { params: { path: { name } } };
  const found = useQuery({
    queryKey: ['applications', name],
    queryFn: () => take(api.GET('/api/v1/applications/{name}', path)),
  });
  const a = found.data;
  const again = () => {
    client.invalidateQueries({ queryKey: ['applications'] });
    client.invalidateQueries({ queryKey: ['own-applications'] });
  };
  if (!a) {
    return (
      <Page>
        <PageHead title={name} />
        {found.isPending && <Waiting />}
        <ProblemNote error={found.error} onRetry={() => found.refetch()} />
      </Page>
    );
  }
  return (
    <Page>
      <PageHead
        above={
          <>
            <Link to="/manage/applications">{t('nav-applications')}</Link>
            <Pill>{t(`application-${a.settings.kind}`)}</Pill>
            {!a.enabled && <Pill tone="bad">{t('disabled')}</Pill>}
          </>
        }
        title={a.title}
        lead={a.description}
        actions={
          <>
            {a.settings.client_authentication === 'client_secret' && (
              <Button
                icon={<RefreshCw />}
                onClick={() =>
                  ask({
                    title: t('new-secret-title', { name: a.title }),
                    what: <p>{t('new-secret-what')}</p>,
                    undo: t('new-secret-undo'),
                    verb: t('new-secret'),
                    run: async () =>
                      setFresh(await take(api.POST('/api/v1/applications/{name}/secret', path))),
                    done: t('new-secret-done'),
                  })
                }
              >
                {t('new-secret')}
              </Button>
            )}
            <Button
              onClick={() =>
                ask({
                  title: t(a.enabled ? 'application-disable-title' : 'application-enable-title', {
                    name: a.title,
                  }),
                  what: (
                    <p>{t(a.enabled ? 'application-disable-what' : 'application-enable-what')}</p>
                  ),
                  undo: t('target-switch-undo'),
                  verb: t(a.enabled ? 'disable' : 'enable'),
                  mild: !a.enabled,
                  run: () =>
                    take(
                      api.PATCH('/api/v1/applications/{name}', {
                        params: { path: { name }, header: ifMatch(a.version) },
                        body: { enabled: !a.enabled },
                      }),
                    ),
                  done: t('saved'),
                  after: again,
                })
              }
            >
              {t(a.enabled ? 'disable' : 'enable')}
            </Button>
            <Button
              kind="danger"
              icon={<Trash2 />}
              onClick={() =>
                ask({
                  title: t('delete-title', { name: a.title }),
                  what: <p>{t('delete-application-what')}</p>,
                  undo: t('delete-undo'),
                  verb: t('delete'),
                  type: a.name,
                  run: () => take(api.DELETE('/api/v1/applications/{name}', path)),
                  done: t('deleted', { name: a.title }),
                  after: () => {
                    again();
                    navigate({ to: '/manage/applications' });
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
        <Card title={t('connect')}>
          <Connect application={fresh ?? a} />
        </Card>
        <Card title={t('details')}>
          <Edit key={a.version} application={a} onDone={again} />
        </Card>
      </Two>
      {dialog}
    </Page>
  );
}

function Edit({
  application: a,
  onDone,
}: {
  application: Schemas['Application'];
  onDone: () => void;
}) {
  const { t } = useWords();
  const s = a.settings;
  const form = useForm({
    key: `application.${a.id}.${a.version}`,
    initial: {
      title: a.title,
      description: a.description,
      launch_url: a.launch_url ?? '',
      redirect_uris: s.redirect_uris.join('\n'),
      post_logout_redirect_uris: s.post_logout_redirect_uris.join('\n'),
      backchannel_logout_uri: s.backchannel_logout_uri ?? '',
      scopes: s.scopes.join(' '),
      ask_consent: s.ask_consent,
    },
    send: v =>
      take(
        api.PATCH('/api/v1/applications/{name}', {
          params: { path: { name: a.name }, header: ifMatch(a.version) },
          body: {
            title: v.title.trim(),
            description: v.description.trim(),
            launch_url: v.launch_url.trim(),
            settings: {
              ...s,
              redirect_uris: lines(v.redirect_uris),
              post_logout_redirect_uris: lines(v.post_logout_redirect_uris),
              backchannel_logout_uri: v.backchannel_logout_uri.trim() || null,
              scopes: v.scopes.split(/\s+/).filter(Boolean),
              ask_consent: v.ask_consent,
            },
          },
        }),
      ),
    onDone: () => {
      say(t('saved'));
      onDone();
    },
  });
  const people = s.kind !== 'workload';
  return (
    <form className="stack" onSubmit={form.submit}>
      <TextField label={t('column-title')} required {...form.text('title')} />
      <TextField label={t('column-description')} {...form.text('description')} />
      {people && (
        <>
          <TextField
            label={t('field-launch-url')}
            hint={t('field-launch-url-hint')}
            type="url"
            {...form.text('launch_url')}
          />
          <TextArea
            label={t('field-redirect-uris')}
            hint={t('field-redirect-uris-hint')}
            mono
            rows={3}
            {...form.text('redirect_uris')}
          />
          <TextArea
            label={t('field-logout-uris')}
            mono
            rows={2}
            {...form.text('post_logout_redirect_uris')}
          />
          <TextField
            label={t('field-backchannel')}
            type="url"
            mono
            {...form.text('backchannel_logout_uri')}
          />
        </>
      )}
      <TextField label={t('field-scopes')} mono {...form.text('scopes')} />
      {people && (
        <Checkbox
          label={t('field-ask-consent')}
          hint={t('field-ask-consent-hint')}
          checked={form.values.ask_consent}
          onChange={e => form.set('ask_consent', e.target.checked)}
        />
      )}
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
