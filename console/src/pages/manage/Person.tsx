/** One person or workload: who, what they have, and the switch that ends it. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Link2, Network, Plus, Power, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { api, ifMatch, type Schemas, take } from '../../api/client';
import { local, moment } from '../../forms/moment';
import { Steady } from '../../forms/Steady';
import { useForm } from '../../forms/useForm';
import { useWords } from '../../i18n';
import type { ListSearch } from '../../list/state';
import { Button, ButtonLink } from '../../ui/Button';
import { Card, CopyButton, Facts, Line, Lines, Notice, Pill, Time, Two } from '../../ui/bits';
import { Act } from '../../ui/Confirm';
import { SelectField, TextField } from '../../ui/Field';
import { FormDialog, SaveEnd } from '../../ui/FormEnd';
import { Picker } from '../../ui/Picker';
import { ProblemNote } from '../../ui/ProblemNote';
import { say } from '../../ui/toast';
import { useNew } from '../../ui/useNew';
import { agent } from '../shared/agent';
import { DangerZone, Detail, type ListOf, useAgain } from '../shared/Detail';
import { useDeeds } from '../shared/deeds';
import { FewAccess, FewDevices, FewEvents, FewGrants, FewSessions } from '../shared/FewKinds';
import { factorText } from '../shared/factors';
import { findGroup } from '../shared/find';
import { IdentityState, RELATIONS } from '../shared/IdentityList';
import css from './Person.module.css';

type Details = Schemas['IdentityDetails'];

export default function Person() {
  const { t } = useWords();
  const { name = '' } = useParams({ strict: false });
  const [link, setLink] = useState<Schemas['OneTimeLink']>();
  const may = useDeeds();
  const { tab } = useSearch({ strict: false }) as ListSearch;
  const [joining, setJoining] = useNew();
  const again = useAgain('identities', 'groups');
  const path = { params: { path: { name } } };
  const found = useQuery({
    queryKey: ['identities', name],
    queryFn: () => take(api.GET('/api/v1/identities/{name}', path)),
  });
  const person = found.data?.kind !== 'workload';
  const list: ListOf = person
    ? { to: '/manage/people', label: t('nav-people') }
    : { to: '/manage/workloads', label: t('nav-workloads') };
  const invite = async (reset: boolean) =>
    setLink(
      await take(
        api.POST('/api/v1/identities/{name}/invite', { ...path, body: reset ? { reset } : {} }),
      ),
    );
  const titleOf = (p: Details) => p.display_name || p.name;
  return (
    <Detail
      found={found}
      name={name}
      list={list}
      head={p => ({
        title: titleOf(p),
        lead: <span className="mono">{p.name}</span>,
        state: <IdentityState identity={p} />,
        actions: (
          <>
            {may('access:read') && (
              <ButtonLink to="/manage/map" search={{ who: p.name }} icon={<Network />}>
                {t('show-access')}
              </ButtonLink>
            )}
            {person && may('identity:authenticators') && (
              <Act
                name="invite"
                icon={<Link2 />}
                label={t('invite')}
                ask={{
                  title: t('invite-title', { name: titleOf(p) }),
                  what: <p>{t('invite-what')}</p>,
                  undo: t('invite-undo'),
                  verb: t('invite-make'),
                  mild: true,
                  run: () => invite(false),
                  done: t('invite-done'),
                }}
              />
            )}
            {may('identity:disable') && <OnOff person={p} title={titleOf(p)} again={again} />}
          </>
        ),
      })}
    >
      {p => (
        <>
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
          {person && p.enabled && (may('group:write') || may('identity:authenticators')) && (
            <Next
              person={p}
              fresh={tab === 'new'}
              linked={link !== undefined}
              links={may('identity:authenticators')}
            />
          )}
          <Two>
            <div className="stack">
              <Card title={t('details')}>
                {may('identity:write') ? (
                  <Steady of={p}>{now => <Edit person={now} onDone={again} />}</Steady>
                ) : (
                  <About person={p} />
                )}
              </Card>
              <Card
                title={t('membership')}
                actions={
                  may('group:write') && (
                    <Button slim icon={<Plus />} onClick={() => setJoining('group')}>
                      {t('join')}
                    </Button>
                  )
                }
              >
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
                    p.owner
                      ? [
                          t('column-owner'),
                          <Link
                            key="o"
                            to={
                              p.owner.kind === 'Group'
                                ? '/manage/groups/$name'
                                : '/manage/people/$name'
                            }
                            params={{ name: p.owner.id }}
                          >
                            {p.owner.kind === 'Group' ? t('member-group') : t('owner-person')}
                          </Link>,
                        ]
                      : undefined,
                    ...Object.entries(p.attributes).map(([k, v]): [string, string] => [
                      k,
                      typeof v === 'string' ? v : JSON.stringify(v),
                    ]),
                    [t('column-created'), <Time key="c" at={p.created_at} />],
                    [t('column-changed'), <Time key="u" at={p.updated_at} />],
                  ]}
                />
              </Card>
              {may('identity:authenticators') && <Sessions name={name} title={titleOf(p)} />}
              {person && <FewDevices of={p.name} />}
            </div>
            <div className="stack">
              <FewAccess of={{ who: p.name }} />
              <FewGrants of={{ holder: p.name }} />
              <FewSessions of={{ identity: p.name }} />
              <FewEvents title={t('recent')} none={t('recent-none')} query={{ actor: p.name }} />
            </div>
          </Two>
          {joining === 'group' && may('group:write') && (
            <Join person={p} title={titleOf(p)} onClose={() => setJoining()} onDone={again} />
          )}
          <DangerZone
            action="identity:write"
            name={p.name}
            shown={titleOf(p)}
            hint={t('delete-identity-text')}
            what={t('delete-identity-what', { name: titleOf(p) })}
            run={() =>
              take(
                api.DELETE('/api/v1/identities/{name}', {
                  params: { path: { name }, header: ifMatch(p.version) },
                }),
              )
            }
            again={again}
            list={list}
          >
            {person && may('identity:authenticators') && (
              <Act
                name="reset"
                kind="danger"
                slim
                icon={<RotateCcw />}
                ask={{
                  title: t('reset-title', { name: titleOf(p) }),
                  what: <p>{t('reset-what')}</p>,
                  undo: t('reset-undo'),
                  verb: t('reset'),
                  run: () => invite(true),
                  done: t('reset-done'),
                }}
              />
            )}
          </DangerZone>
        </>
      )}
    </Detail>
  );
}

/** What is left to do for somebody who can do nothing yet. */
function Next({
  person: p,
  fresh,
  linked,
  links,
}: {
  person: Details;
  /** They were added just now. */
  fresh: boolean;
  /** The one-time link was made. */
  linked: boolean;
  /** The reader may make it. */
  links: boolean;
}) {
  const { t } = useWords();
  const alone = p.membership.groups.length === 0 && p.membership.roles.length === 0;
  if (!fresh && !alone) return null;
  const link = fresh && !linked;
  if (!link && !alone) return null;
  return (
    <Notice tone="plain" title={t(fresh ? 'next-title' : 'next-alone-title')}>
      <ol className={css.next}>
        {link && <li>{t(links ? 'next-link' : 'next-link-others')}</li>}
        {alone && <li>{t('next-group')}</li>}
      </ol>
    </Notice>
  );
}

/** Into a group, from the page of whom it is about. */
function Join({
  person: p,
  title,
  onClose,
  onDone,
}: {
  person: Details;
  title: string;
  onClose: () => void;
  onDone: () => void;
}) {
  const { t } = useWords();
  const form = useForm({
    key: `join.${p.id}`,
    initial: { group: '' },
    send: v =>
      take(
        api.PUT('/api/v1/groups/{name}/{kind}/{member}', {
          params: { path: { name: v.group.trim(), kind: 'identities', member: p.name } },
        }),
      ),
    onDone: (_, v) => {
      say(t('joined', { who: title, group: v.group }));
      onDone();
      onClose();
    },
  });
  return (
    <FormDialog
      title={t('join-title', { who: title })}
      form={form}
      verb={t('join')}
      onClose={onClose}
      disabled={form.values.group.trim() === ''}
    >
      <Picker
        label={t('member-group')}
        value={form.values.group}
        onChange={v => form.set('group', v)}
        find={findGroup}
        error={form.error('name')}
        required
      />
    </FormDialog>
  );
}

/** The switch that ends everything, and the one that lets in again. */
function OnOff({ person: p, title, again }: { person: Details; title: string; again: () => void }) {
  const { t } = useWords();
  const path = { params: { path: { name: p.name } } };
  return p.enabled ? (
    <Act
      name="disable"
      kind="danger"
      icon={<Power />}
      ask={{
        title: t('disable-title', { name: title }),
        what: <p>{t('disable-what', { name: title })}</p>,
        undo: t('disable-undo'),
        verb: t('disable'),
        reason: 'may',
        run: reason =>
          take(api.POST('/api/v1/identities/{name}/disable', { ...path, body: { reason } })),
        done: t('disable-done', { name: title }),
        after: again,
      }}
    />
  ) : (
    <Act
      name="enable"
      icon={<Power />}
      ask={{
        title: t('enable-title', { name: title }),
        what: <p>{t('enable-what')}</p>,
        undo: t('enable-undo'),
        verb: t('enable'),
        mild: true,
        run: () =>
          take(api.POST('/api/v1/identities/{name}/enable', { ...path, body: { reason: '' } })),
        done: t('enable-done', { name: title }),
        after: again,
      }}
    />
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

/** What the form would change, for those who only read. */
function About({ person: p }: { person: Details }) {
  const { t } = useWords();
  return (
    <Facts
      items={[
        [t('field-display-name'), p.display_name || '–'],
        [t('field-sign-in-name'), <code key="n">{p.name}</code>],
        p.kind === 'person' && [t('column-email'), p.email ?? '–'],
        p.relation ? [t('column-relation'), t(`relation-${p.relation}`)] : undefined,
        [t('field-starts'), <Time key="s" at={p.starts_at} />],
        [t('field-ends'), <Time key="e" at={p.ends_at} />],
      ]}
    />
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
          {RELATIONS.map(r => (
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
      <SaveEnd form={form} />
    </form>
  );
}

function Sessions({ name, title }: { name: string; title: string }) {
  const words = useWords();
  const { t } = words;
  const again = useAgain('identities');
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
          <Act
            name="end-all"
            slim
            kind="danger"
            ask={{
              title: t('end-all-title', { name: title }),
              what: <p>{t('end-all-what', { count: all.length })}</p>,
              undo: t('end-all-undo'),
              verb: t('end-all'),
              run: () => take(api.DELETE('/api/v1/identities/{name}/sessions', path)),
              done: t('end-all-done'),
              after: again,
            }}
          />
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
              <Time at={s.last_seen_at} />{' '}
              <Pill>{s.proofs.map(x => factorText(words, x.factor)).join(' + ')}</Pill>
            </span>
          </Line>
        ))}
        {found.isSuccess && all.length === 0 && <Line>{t('identity-no-sessions')}</Line>}
      </Lines>
    </Card>
  );
}
