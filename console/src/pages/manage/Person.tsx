/** One person or workload: who, what they have, and the switch that ends it. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Link2, Network, Power, RotateCcw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api, ifMatch, type Schemas, take } from '../../api/client';
import { local, moment } from '../../forms/moment';
import { useForm } from '../../forms/useForm';
import { useWords } from '../../i18n';
import { Button, ButtonLink } from '../../ui/Button';
import {
  Card,
  CopyButton,
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
import { Actions } from '../../ui/Dialog';
import { SelectField, TextField } from '../../ui/Field';
import { ProblemNote } from '../../ui/ProblemNote';
import { say } from '../../ui/toast';
import { agent } from '../portal/Security';
import { IdentityState } from '../shared/IdentityList';

type Details = Schemas['IdentityDetails'];

export default function Person() {
  const { t } = useWords();
  const { name = '' } = useParams({ strict: false });
  const client = useQueryClient();
  const navigate = useNavigate();
  const [dialog, ask] = useConfirm();
  const [link, setLink] = useState<Schemas['OneTimeLink']>();
  const found = useQuery({
    queryKey: ['identities', name],
    queryFn: () => take(api.GET('/api/v1/identities/{name}', { params: { path: { name } } })),
  });
  const p = found.data;
  const again = () => client.invalidateQueries({ queryKey: ['identities'] });
  const path = { params: { path: { name } } };
  if (!p) {
    return (
      <Page>
        <PageHead title={name} />
        {found.isPending && <Waiting />}
        <ProblemNote error={found.error} onRetry={() => found.refetch()} />
      </Page>
    );
  }
  const title = p.display_name || p.name;
  const person = p.kind === 'person';
  return (
    <Page>
      <PageHead
        above={
          <>
            <Link to={person ? '/manage/people' : '/manage/workloads'}>
              {person ? t('nav-people') : t('nav-workloads')}
            </Link>
            <IdentityState identity={p} />
          </>
        }
        title={title}
        lead={<span className="mono">{p.name}</span>}
        actions={
          <>
            <ButtonLink to="/manage/map" search={{ who: p.name }} icon={<Network />}>
              {t('show-access')}
            </ButtonLink>
            {person && (
              <Button
                icon={<Link2 />}
                onClick={() =>
                  ask({
                    title: t('invite-title', { name: title }),
                    what: <p>{t('invite-what')}</p>,
                    undo: t('invite-undo'),
                    verb: t('invite'),
                    mild: true,
                    run: async () =>
                      setLink(
                        await take(
                          api.POST('/api/v1/identities/{name}/invite', { ...path, body: {} }),
                        ),
                      ),
                    done: t('invite-done'),
                  })
                }
              >
                {t('invite')}
              </Button>
            )}
            {p.enabled ? (
              <Button
                kind="danger"
                icon={<Power />}
                onClick={() =>
                  ask({
                    title: t('disable-title', { name: title }),
                    what: <p>{t('disable-what', { name: title })}</p>,
                    undo: t('disable-undo'),
                    verb: t('disable'),
                    reason: 'may',
                    run: reason =>
                      take(
                        api.POST('/api/v1/identities/{name}/disable', {
                          ...path,
                          body: { reason },
                        }),
                      ),
                    done: t('disable-done', { name: title }),
                    after: again,
                  })
                }
              >
                {t('disable')}
              </Button>
            ) : (
              <Button
                icon={<Power />}
                onClick={() =>
                  ask({
                    title: t('enable-title', { name: title }),
                    what: <p>{t('enable-what')}</p>,
                    undo: t('enable-undo'),
                    verb: t('enable'),
                    mild: true,
                    run: () =>
                      take(
                        api.POST('/api/v1/identities/{name}/enable', {
                          ...path,
                          body: { reason: '' },
                        }),
                      ),
                    done: t('enable-done', { name: title }),
                    after: again,
                  })
                }
              >
                {t('enable')}
              </Button>
            )}
          </>
        }
      />
      {link && (
        <Notice
          title={t('link-title')}
          action={<CopyButton text={link.link} label={t('copy-link')} />}
        >
          <p>{t('link-text')}</p>
          <code>{link.link}</code>
          <p className="small soft">
            {t('link-until')} <Time at={link.expires_at} />
          </p>
        </Notice>
      )}
      <Two>
        <Card title={t('details')}>
          <Edit key={p.version} person={p} onDone={again} />
        </Card>
        <div className="stack">
          <Card title={t('membership')}>
            <Facts
              items={[
                [
                  t('nav-groups'),
                  <Names key="g" names={p.membership.groups} to="/manage/groups/$name" />,
                ],
                [
                  t('nav-roles'),
                  <Names key="r" names={p.membership.roles} to="/manage/roles/$name" />,
                ],
                [t('column-created'), <Time key="c" at={p.created_at} />],
                [t('column-changed'), <Time key="u" at={p.updated_at} />],
              ]}
            />
          </Card>
          <Sessions name={name} title={title} />
          <Card title={t('danger-zone')}>
            <p className="soft small">{t('delete-identity-text')}</p>
            <div>
              {person && (
                <Button
                  kind="danger"
                  slim
                  icon={<RotateCcw />}
                  onClick={() =>
                    ask({
                      title: t('reset-title', { name: title }),
                      what: <p>{t('reset-what')}</p>,
                      undo: t('reset-undo'),
                      verb: t('reset'),
                      run: async () =>
                        setLink(
                          await take(
                            api.POST('/api/v1/identities/{name}/invite', {
                              ...path,
                              body: { reset: true },
                            }),
                          ),
                        ),
                      done: t('reset-done'),
                    })
                  }
                >
                  {t('reset')}
                </Button>
              )}{' '}
              <Button
                kind="danger"
                slim
                icon={<Trash2 />}
                onClick={() =>
                  ask({
                    title: t('delete-title', { name: title }),
                    what: <p>{t('delete-identity-what', { name: title })}</p>,
                    undo: t('delete-undo'),
                    verb: t('delete'),
                    type: p.name,
                    run: () =>
                      take(
                        api.DELETE('/api/v1/identities/{name}', {
                          params: { path: { name }, header: ifMatch(p.version) },
                        }),
                      ),
                    done: t('deleted', { name: title }),
                    after: () => {
                      again();
                      navigate({ to: person ? '/manage/people' : '/manage/workloads' });
                    },
                  })
                }
              >
                {t('delete')}
              </Button>
            </div>
          </Card>
        </div>
      </Two>
      {dialog}
    </Page>
  );
}

function Names({
  names,
  to,
}: {
  names: string[];
  to: '/manage/groups/$name' | '/manage/roles/$name';
}) {
  if (names.length === 0) return <>–</>;
  return (
    <>
      {names.map((n, i) => (
        <span key={n}>
          {i > 0 && ', '}
          <Link to={to} params={{ name: n }}>
            {n}
          </Link>
        </span>
      ))}
    </>
  );
}

function Edit({ person: p, onDone }: { person: Details; onDone: () => void }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const person = p.kind === 'person';
  const form = useForm({
    key: `identity.${p.id}.${p.version}`,
    initial: {
      name: p.name,
      display_name: p.display_name,
      email: p.email ?? '',
      relation: p.relation ?? 'employee',
      starts_at: local(p.starts_at),
      ends_at: local(p.ends_at),
    },
    send: v =>
      take(
        api.PATCH('/api/v1/identities/{name}', {
          params: { path: { name: p.name }, header: ifMatch(p.version) },
          body: {
            name: v.name.trim(),
            display_name: v.display_name.trim(),
            ...(person
              ? { email: v.email.trim() || null, relation: v.relation as Schemas['Relation'] }
              : {}),
            starts_at: moment(v.starts_at),
            ends_at: moment(v.ends_at),
          },
        }),
      ),
    onDone: now => {
      say(t('saved'));
      onDone();
      if (now.name !== p.name)
        navigate({ to: '/manage/people/$name', params: { name: now.name }, replace: true });
    },
  });
  return (
    <form className="stack" onSubmit={form.submit}>
      <TextField label={t('field-display-name')} {...form.text('display_name')} />
      <TextField label={t('field-sign-in-name')} mono required {...form.text('name')} />
      {person && <TextField label={t('column-email')} type="email" {...form.text('email')} />}
      {person && (
        <SelectField label={t('column-relation')} {...form.text('relation')}>
          {(['employee', 'contractor', 'partner', 'vendor'] as const).map(r => (
            <option key={r} value={r}>
              {t(`relation-${r}`)}
            </option>
          ))}
        </SelectField>
      )}
      <TextField label={t('field-starts')} type="datetime-local" {...form.text('starts_at')} />
      <TextField
        label={t('field-ends')}
        type="datetime-local"
        hint={t('field-ends-hint')}
        {...form.text('ends_at')}
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

function Sessions({ name, title }: { name: string; title: string }) {
  const { t } = useWords();
  const client = useQueryClient();
  const [dialog, ask] = useConfirm();
  const path = { params: { path: { name } } };
  const found = useQuery({
    queryKey: ['identities', name, 'sessions'],
    queryFn: () => take(api.GET('/api/v1/identities/{name}/sessions', path)),
  });
  const all = found.data?.items ?? [];
  return (
    <Card
      title={t('identity-sessions')}
      flush
      actions={
        all.length > 0 && (
          <Button
            slim
            kind="danger"
            onClick={() =>
              ask({
                title: t('end-all-title', { name: title }),
                what: <p>{t('end-all-what', { count: all.length })}</p>,
                undo: t('end-all-undo'),
                verb: t('end-all'),
                run: () => take(api.DELETE('/api/v1/identities/{name}/sessions', path)),
                done: t('end-all-done'),
                after: () =>
                  client.invalidateQueries({ queryKey: ['identities', name, 'sessions'] }),
              })
            }
          >
            {t('end-all')}
          </Button>
        )
      }
    >
      <ProblemNote error={found.error} onRetry={() => found.refetch()} />
      <Lines>
        {all.map(s => (
          <Line key={s.id}>
            <strong>{s.kind === 'cli' ? t('session-cli') : agent(s.user_agent)}</strong>
            <span className="soft small">
              {s.network.address ?? t('address-unknown')} · {t('last-seen')}{' '}
              <Time at={s.last_seen_at} /> <Pill>{s.proofs.map(x => x.factor).join(' + ')}</Pill>
            </span>
          </Line>
        ))}
        {found.isSuccess && all.length === 0 && <Line>{t('identity-no-sessions')}</Line>}
      </Lines>
      {dialog}
    </Card>
  );
}
