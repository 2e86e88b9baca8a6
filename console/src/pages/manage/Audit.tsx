/** The record: search, follow, and the proof of any line. */
import { type InfiniteData, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { BadgeCheck, Download, Radio, ScrollText } from 'lucide-react';
import { useEffect, useState } from 'react';
import { api, type Schemas, take } from '../../api/client';
import { privilegedSession } from '../../api/queries';
import { onChange } from '../../app/live';
import { useMay } from '../../app/may';
import { moment } from '../../forms/moment';
import { useWords } from '../../i18n';
import { moment as exactly } from '../../i18n/format';
import { List } from '../../list/List';
import { pageOf } from '../../list/server';
import { type ListSearch, readList } from '../../list/state';
import { Button, ButtonAnchor } from '../../ui/Button';
import { Command, Empty, Facts, Page, PageHead, Pill, Time, Waiting } from '../../ui/bits';
import { Dialog } from '../../ui/Dialog';
import { ProblemNote } from '../../ui/ProblemNote';
import { EXPORTED, useEventColumns } from '../shared/EventList';
import { factorText } from '../shared/factors';
import { timeFilters } from '../shared/filters';
import { kindOptions, kindText, onText, whoText } from '../shared/kinds';
import { foldParts, type Row, rows } from '../shared/said';
import css from './Audit.module.css';

type Event = Schemas['Event'];

/** A live tail asks again this often at most. */
const TAIL = 10_000;

const FILTERS = [
  ...['actor', 'activity', 'target', 'address', 'outcome', 'class', 'privileged_session'],
  ...['since', 'until', 'changes'],
];

/** By their numbers in OCSF, which the API filters by. */
const CLASSES = [
  [3002, 'authentication'],
  [3003, 'authorize-session'],
  [3001, 'account-change'],
  [3005, 'user-access-management'],
  [3006, 'group-management'],
  [3004, 'entity-management'],
  [4007, 'ssh-activity'],
  [1007, 'process-activity'],
  [1001, 'file-system-activity'],
  [6003, 'api-activity'],
  [6002, 'application-lifecycle'],
  [2004, 'detection-finding'],
] as const;

function query(filters: Record<string, string>) {
  const known = Object.fromEntries(FILTERS.flatMap(f => (filters[f] ? [[f, filters[f]]] : [])));
  return {
    ...known,
    ...(filters.since ? { since: moment(filters.since) ?? undefined } : {}),
    ...(filters.until ? { until: moment(filters.until) ?? undefined } : {}),
    ...(filters.class ? { class: Number(filters.class) } : {}),
  } as {
    outcome?: Schemas['Outcome'];
    class?: number;
    changes?: Schemas['EventChanges'];
  };
}

export default function Audit() {
  const words = useWords();
  const { t } = words;
  const navigate = useNavigate();
  const client = useQueryClient();
  const search = useSearch({ strict: false }) as ListSearch & { what?: string };
  const { filters, q } = readList(search);
  const tail = search.tab === 'follow';
  const follow = () =>
    navigate({
      to: '.',
      search: ((old: object) => ({ ...old, tab: tail ? undefined : 'follow' })) as never,
      replace: true,
    });
  const columns = useEventColumns(false);
  const head = useQuery({
    queryKey: ['audit', 'checkpoint'],
    queryFn: () => take(api.GET('/api/v1/audit/checkpoint')),
    retry: false,
  });
  useEffect(() => {
    if (!tail) return;
    const look = () => client.invalidateQueries({ queryKey: ['audit'] });
    // What changes is recorded, and is here at once; what only was tried, in time.
    const quiet = onChange(look);
    const timer = setInterval(look, TAIL);
    return () => {
      quiet();
      clearInterval(timer);
    };
  }, [tail, client]);
  const exported = new URLSearchParams({
    ...(query(filters) as Record<string, string>),
    ...(q ? { q } : {}),
  }).toString();
  const close = () =>
    navigate({ to: '.', search: ((old: object) => ({ ...old, what: undefined })) as never });
  return (
    <Page full fill>
      <PageHead
        title={t('nav-audit')}
        lead={t('audit-lead')}
        actions={
          <>
            {head.data && (
              <span className="small soft">
                <BadgeCheck size={14} aria-hidden="true" />{' '}
                {t('audit-signed', { n: head.data.size })}
              </span>
            )}
            <Button
              icon={<Radio />}
              aria-pressed={tail}
              onClick={follow}
              kind={tail ? 'primary' : 'quiet'}
            >
              {t('audit-follow')}
            </Button>
            <ButtonAnchor
              icon={<Download />}
              href={`/api/v1/audit/export${exported ? `?${exported}` : ''}`}
              download="audit.jsonl"
            >
              {t('audit-export')}
            </ButtonAnchor>
          </>
        }
      />
      <List
        label={t('nav-audit')}
        queryKey={['audit', 'list']}
        fetch={ask => take(api.GET('/api/v1/audit/events', pageOf(ask, query(ask.filters))))}
        search={search}
        columns={columns}
        filters={[
          { id: 'actor', label: t('column-who') },
          { id: 'activity', label: t('column-activity'), options: kindOptions(words) },
          { id: 'target', label: t('column-on'), more: true },
          { id: 'address', label: t('column-address'), more: true },
          ...(filters.privileged_session
            ? [{ id: 'privileged_session', label: t('audit-session-filter') }]
            : []),
          {
            id: 'outcome',
            label: t('column-outcome'),
            options: [
              { value: 'success', label: t('outcome-success') },
              { value: 'failure', label: t('outcome-failure') },
            ],
          },
          {
            id: 'class',
            label: t('audit-class'),
            options: CLASSES.map(([number, name]) => ({
              value: String(number),
              label: t(`audit-class-${name}`),
            })),
          },
          {
            id: 'changes',
            label: t('audit-changes'),
            options: [{ value: 'access', label: t('audit-changes-access') }],
            more: true,
          },
          ...timeFilters(t),
        ]}
        fold={foldParts}
        exported={EXPORTED}
        rowKey={e => e.id}
        to={e => ({ to: '/manage/audit', search: { ...search, what: e.id } }) as never}
        empty={
          <Empty title={t('audit-none')} icon={<ScrollText />}>
            {t('audit-none-next')}
          </Empty>
        }
      />
      {search.what && <One key={search.what} id={search.what} onClose={close} />}
    </Page>
  );
}

/** The event as a list has it, or as the log itself has it under its proof. */
function useEvent(id: string) {
  const client = useQueryClient();
  const listed = client
    .getQueriesData<InfiniteData<{ items: Event[] }>>({ queryKey: ['audit', 'list'] })
    .flatMap(([, data]) => data?.pages ?? [])
    .flatMap(p => p.items)
    .find(e => e.id === id);
  const [proving, setProving] = useState(listed === undefined);
  const proof = useQuery({
    queryKey: ['audit', 'proof', id],
    queryFn: () => take(api.GET('/api/v1/audit/events/{id}/proof', { params: { path: { id } } })),
    enabled: proving,
    retry: false,
  });
  const event: (Partial<Event> & LoggedEvent) | undefined = listed ?? logged(proof.data?.body);
  return { event, proof, prove: () => setProving(true) };
}

type LoggedEvent = Omit<Event, 'leaf' | 'actor_name' | 'target_name'>;

function logged(body: string | undefined): LoggedEvent | undefined {
  try {
    const raw: unknown = JSON.parse(body ?? '');
    return typeof raw === 'object' && raw !== null && 'id' in raw && 'actor' in raw
      ? (raw as LoggedEvent)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Whose an id is, as they are called now; the id for those who may not know. */
function NameOf({ id: of }: { id: NonNullable<Row['id']> }) {
  const may = useMay()(of.kind === 'group' ? 'group:read' : 'identity:read');
  const path = { params: { path: { name: of.id } } };
  const found = useQuery({
    queryKey: [of.kind === 'group' ? 'groups' : 'identities', of.id, 'name'],
    queryFn: async () =>
      of.kind === 'group'
        ? { name: (await take(api.GET('/api/v1/groups/{name}', path))).name, shown: undefined }
        : await take(api.GET('/api/v1/identities/{name}', path)).then(i => ({
            name: i.name,
            shown: i.display_name || undefined,
          })),
    enabled: may,
    retry: false,
  });
  if (!found.data) return <code dir="ltr">{of.id}</code>;
  const { name, shown } = found.data;
  return (
    <Link
      to={of.kind === 'group' ? '/manage/groups/$name' : '/manage/people/$name'}
      params={{ name }}
    >
      {shown ? `${shown} (${name})` : name}
    </Link>
  );
}

function One({ id, onClose }: { id: string; onClose: () => void }) {
  const words = useWords();
  const { t } = words;
  const { event, proof, prove } = useEvent(id);
  const within = event?.privileged_session ?? '';
  const session = useQuery({
    ...privilegedSession(within),
    enabled: within !== '',
    retry: false,
  });
  if (!event) {
    return (
      <Dialog title={t('audit-one')} onClose={onClose} side>
        {proof.isFetching && <Waiting />}
        <ProblemNote error={proof.error} onRetry={() => proof.refetch()} />
      </Dialog>
    );
  }
  const said = rows(words, event);
  return (
    <Dialog title={kindText(words, event)} onClose={onClose} side>
      <Facts
        items={[
          [t('audit-kind'), <code key="k">{event.activity}</code>],
          [
            t('column-when'),
            <span key="w">
              {exactly(words.lang, new Date(event.at))}{' '}
              <span className="soft">
                (<Time at={event.at} />)
              </span>
            </span>,
          ],
          [t('column-who'), whoText(words, event)],
          [t('column-on'), onText(words, event)],
          session.data && [
            t('column-account'),
            <code key="a" dir="ltr">
              {session.data.account_name}
            </code>,
          ],
          session.data && [t('room-owner-of'), session.data.identity_name],
          [
            t('column-outcome'),
            event.outcome === 'failure' ? (
              <Pill key="o" tone="bad">
                {t('outcome-failure')}
              </Pill>
            ) : (
              t('outcome-success')
            ),
          ],
          [t('column-address'), event.actor.network.address ?? '–'],
          [
            t('factors'),
            event.actor.proofs.map(p => factorText(words, p.factor)).join(' + ') || '–',
          ],
          [t('audit-policies'), (event.policies ?? []).join(', ') || '–'],
          [t('column-leaf'), event.leaf ?? proof.data?.leaf ?? t('audit-not-yet')],
        ]}
      />
      {event.privileged_session && (
        <p>
          <Link to="/sessions/$id" params={{ id: event.privileged_session }}>
            {t('audit-session')}
          </Link>
        </p>
      )}
      <section className="stack">
        <h3>{t('audit-details')}</h3>
        {said.length === 0 && <p className="small soft">{t('audit-no-details')}</p>}
        <dl className={css.said}>
          {said.map(r => (
            <div key={r.key}>
              <dt>{r.label}</dt>
              <dd>
                {r.id ? <NameOf id={r.id} /> : r.code ? <code dir="ltr">{r.text}</code> : r.text}
              </dd>
            </div>
          ))}
        </dl>
        <details>
          <summary>{t('said-raw')}</summary>
          <pre className={css.raw} dir="ltr" tabIndex={0} role="group" aria-label={t('said-raw')}>
            {JSON.stringify({ id: event.id, details: event.details ?? {} }, null, 2)}
          </pre>
        </details>
      </section>
      <section className="stack">
        <h3>{t('audit-proof')}</h3>
        {proof.data ? (
          <>
            <p className={css.fine}>
              <BadgeCheck size={16} aria-hidden="true" />{' '}
              {t('audit-proven', { leaf: proof.data.leaf })}
            </p>
            <Command text={`doorward audit prove ${event.id}`} label={t('audit-proof')} />
            <details>
              <summary>{t('audit-path')}</summary>
              <pre className={css.raw} dir="ltr">
                {[...proof.data.path, '', proof.data.checkpoint].join('\n')}
              </pre>
            </details>
          </>
        ) : (
          <>
            <p className="small soft">{t('audit-proof-text')}</p>
            {proof.isFetching && <Waiting lines={1} />}
            <ProblemNote error={proof.error} onRetry={() => proof.refetch()} />
            <div>
              <Button slim onClick={prove} busy={proof.isFetching}>
                {t('audit-prove')}
              </Button>
            </div>
          </>
        )}
      </section>
    </Dialog>
  );
}
