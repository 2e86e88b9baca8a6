/** One target: what it is, its accounts, who reaches it. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { Network } from 'lucide-react';
import { api, ifMatch, type Schemas, take } from '../../api/client';
import { keyed, SchemaFacts, SchemaFields, unkeyed } from '../../forms/SchemaFields';
import { Steady } from '../../forms/Steady';
import { objectOf, type SchemaField, typedOf } from '../../forms/schema';
import { useForm } from '../../forms/useForm';
import { useWords } from '../../i18n';
import { ButtonLink } from '../../ui/Button';
import { Card, Facts, Pill, Two, Waiting } from '../../ui/bits';
import { Act } from '../../ui/Confirm';
import { TextField } from '../../ui/Field';
import { SaveEnd } from '../../ui/FormEnd';
import { ProblemNote } from '../../ui/ProblemNote';
import { say } from '../../ui/toast';
import { DangerZone, Detail, type ListOf, useAgain } from '../shared/Detail';
import { useDeeds } from '../shared/deeds';
import { FewAccess, FewEvents, FewGrants, FewSessions } from '../shared/FewKinds';
import { Accounts } from './Accounts';
import { HostKeys } from './HostKeys';
import { Labels } from './Targets';
import { fieldsFor, labelsOf, labelsText, protocols, whereOf } from './target-form';

type Details = Schemas['TargetDetails'];

export default function Target() {
  const { t } = useWords();
  const { name = '' } = useParams({ strict: false });
  const deeds = useDeeds();
  const may = deeds('target:write');
  const again = useAgain('targets');
  const found = useQuery({
    queryKey: ['targets', name],
    queryFn: () => take(api.GET('/api/v1/targets/{name}', { params: { path: { name } } })),
  });
  const known = useQuery(protocols());
  const list: ListOf = { to: '/manage/targets', label: t('nav-targets') };
  return (
    <Detail
      found={found}
      name={name}
      list={list}
      head={x => ({
        title: <span className="mono">{x.name}</span>,
        lead: [x.description, whereOf(x.settings)].filter(Boolean).join(' · '),
        state: (
          <>
            <Pill>{x.kind}</Pill>
            {!x.enabled && <Pill tone="bad">{t('disabled')}</Pill>}
          </>
        ),
        actions: (
          <>
            {deeds('access:read') && (
              <ButtonLink to="/manage/map" search={{ what: x.name }} icon={<Network />}>
                {t('who-reaches')}
              </ButtonLink>
            )}
            {may && (
              <Act
                name="switch"
                ask={{
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
                }}
              />
            )}
          </>
        ),
      })}
    >
      {x => (
        <>
          <Two>
            <div className="stack">
              <Accounts target={x} again={again} />
              <FewAccess of={{ what: x.name }} />
              <FewGrants of={{ about: x.name }} />
              <FewSessions of={{ target: x.name }} />
              <FewEvents
                title={t('recent-here')}
                none={t('recent-none')}
                query={{ target: x.name }}
              />
            </div>
            <Card title={t('details')}>
              {known.data ? (
                may ? (
                  <Steady of={x}>
                    {now => (
                      <Edit target={now} fields={fieldsFor(known.data, now.kind)} onDone={again} />
                    )}
                  </Steady>
                ) : (
                  <About target={x} fields={fieldsFor(known.data, x.kind)} />
                )
              ) : (
                known.isPending && <Waiting />
              )}
              <ProblemNote error={known.error} onRetry={() => known.refetch()} />
            </Card>
          </Two>
          <DangerZone
            action="target:write"
            name={x.name}
            what={t('delete-target-what', { count: x.accounts.length })}
            run={() =>
              take(
                api.DELETE('/api/v1/targets/{name}', {
                  params: { path: { name }, header: ifMatch(x.version) },
                }),
              )
            }
            again={again}
            list={list}
          />
        </>
      )}
    </Detail>
  );
}

/** What the form would change, for those who only read. */
function About({ target: x, fields }: { target: Details; fields: SchemaField[] }) {
  const { t } = useWords();
  return (
    <>
      <Facts
        items={[
          [t('column-name'), <code key="n">{x.name}</code>],
          [t('column-description'), x.description || '–'],
          [t('column-labels'), <Labels key="l" labels={x.labels} />],
        ]}
      />
      <SchemaFacts fields={fields} of={x.settings} kind={x.kind} />
    </>
  );
}

function Edit({
  target: x,
  fields,
  onDone,
}: {
  target: Details;
  fields: SchemaField[];
  onDone: () => void;
}) {
  const { t } = useWords();
  const navigate = useNavigate();
  const form = useForm<Record<string, string>, Schemas['Target']>({
    key: `target.${x.id}.${x.version}`,
    initial: {
      name: x.name,
      description: x.description,
      labels: labelsText(x.labels),
      ...keyed(typedOf(fields, x.settings)),
    },
    send: v =>
      take(
        api.PATCH('/api/v1/targets/{name}', {
          params: { path: { name: x.name }, header: ifMatch(x.version) },
          body: {
            name: v.name?.trim() ?? '',
            description: v.description?.trim() ?? '',
            settings: objectOf(fields, unkeyed(fields, v), x.settings),
            labels: labelsOf(v.labels ?? ''),
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
      <SchemaFields fields={fields} form={form} kind={x.kind}>
        <HostKeys fields={fields} form={form} kind={x.kind} />
      </SchemaFields>
      <TextField
        label={t('column-labels')}
        hint={t('field-labels-hint')}
        mono
        {...form.text('labels')}
      />
      <SaveEnd form={form} />
    </form>
  );
}
