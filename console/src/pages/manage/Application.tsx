/** One application: what it is told, how it is set up, who may open it. */
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { RefreshCw } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { api, ifMatch, type Schemas, take } from '../../api/client';
import { Steady } from '../../forms/Steady';
import { useForm } from '../../forms/useForm';
import { useWords } from '../../i18n';
import { Card, Facts, Pill, Two } from '../../ui/bits';
import { Act } from '../../ui/Confirm';
import { Checkbox, TextArea, TextField } from '../../ui/Field';
import { SaveEnd } from '../../ui/FormEnd';
import { say } from '../../ui/toast';
import { DangerZone, Detail, type ListOf, useAgain } from '../shared/Detail';
import { useDeeds } from '../shared/deeds';
import { lines } from './Applications';
import { Connect } from './Connect';

export default function Application() {
  const { t } = useWords();
  const { name = '' } = useParams({ strict: false });
  const [fresh, setFresh] = useState<Schemas['RegisteredApplication']>();
  const may = useDeeds()('application:write');
  const again = useAgain('applications', 'own-applications');
  const path = { params: { path: { name } } };
  const found = useQuery({
    queryKey: ['applications', name],
    queryFn: () => take(api.GET('/api/v1/applications/{name}', path)),
  });
  const list: ListOf = { to: '/manage/applications', label: t('nav-applications') };
  return (
    <Detail
      found={found}
      name={name}
      list={list}
      head={a => ({
        title: a.title,
        lead: a.description,
        state: (
          <>
            <Pill>{t(`application-${a.settings.kind}`)}</Pill>
            {!a.enabled && <Pill tone="bad">{t('disabled')}</Pill>}
          </>
        ),
        actions: may && (
          <>
            {a.settings.client_authentication === 'client_secret' && (
              <Act
                name="secret"
                icon={<RefreshCw />}
                ask={{
                  title: t('new-secret-title', { name: a.title }),
                  what: <p>{t('new-secret-what')}</p>,
                  undo: t('new-secret-undo'),
                  verb: t('new-secret'),
                  run: async () =>
                    setFresh(await take(api.POST('/api/v1/applications/{name}/secret', path))),
                  done: t('new-secret-done'),
                }}
              />
            )}
            <Act
              name="switch"
              ask={{
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
              }}
            />
          </>
        ),
      })}
    >
      {a => (
        <>
          <Two>
            <Card title={t('connect')}>
              <Connect application={fresh ?? a} test={may} />
            </Card>
            <Card title={t('details')}>
              {may ? (
                <Steady of={a}>{now => <Edit application={now} onDone={again} />}</Steady>
              ) : (
                <About application={a} />
              )}
            </Card>
          </Two>
          <DangerZone
            action="application:write"
            name={a.name}
            shown={a.title}
            what={t('delete-application-what')}
            run={() => take(api.DELETE('/api/v1/applications/{name}', path))}
            again={again}
            list={list}
          />
        </>
      )}
    </Detail>
  );
}

/** What the form would change, for those who only read. */
function About({ application: a }: { application: Schemas['Application'] }) {
  const { t } = useWords();
  const s = a.settings;
  const code = (all: readonly string[]) =>
    all.length > 0 ? all.map(x => <code key={x}>{x} </code>) : '–';
  return (
    <Facts
      items={[
        [t('column-title'), a.title],
        [t('column-description'), a.description || '–'],
        [t('field-scopes'), code(s.scopes)],
        ...(s.kind === 'workload'
          ? []
          : ([
              [t('field-launch-url'), code(a.launch_url ? [a.launch_url] : [])],
              [t('field-redirect-uris'), code(s.redirect_uris)],
              [t('field-logout-uris'), code(s.post_logout_redirect_uris)],
              [
                t('field-backchannel'),
                code(s.backchannel_logout_uri ? [s.backchannel_logout_uri] : []),
              ],
              [t('field-ask-consent'), t(s.ask_consent ? 'yes' : 'no')],
            ] as [string, ReactNode][])),
      ]}
    />
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
      <SaveEnd form={form} />
    </form>
  );
}
