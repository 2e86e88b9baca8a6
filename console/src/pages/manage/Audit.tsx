/** The record: search, follow, and the proof of any line. */
import { type InfiniteData, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { BadgeCheck, Download, Radio, ScrollText } from 'lucide-react';
import { useEffect, useState } from 'react';
import { api, type Schemas, take } from '../../api/client';
import { onChange } from '../../app/live';
import { moment } from '../../forms/moment';
import { useWords } from '../../i18n';
import { List } from '../../list/List';
import { pageOf } from '../../list/server';
import { type ListSearch, readList } from '../../list/state';
import { Button, ButtonAnchor } from '../../ui/Button';
import { Command, Empty, Facts, Page, PageHead, Pill, Time, Waiting } from '../../ui/bits';
import { Dialog } from '../../ui/Dialog';
import { ProblemNote } from '../../ui/ProblemNote';
import { useEventColumns } from '../shared/EventList';
import { factorText } from '../shared/factors';
import { timeFilters } from '../shared/filters';
import { kindOptions, kindText, onText } from '../shared/kinds';
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

function One({ id, onClose }: { id: string; onClose: () => void }) {
  const words = useWords();
  const { t } = words;
  const { event, proof, prove } = useEvent(id);
  if (!event) {
    return (
      <Dialog title={t('audit-one')} onClose={onClose} side>
        {proof.isFetching && <Waiting />}
        <ProblemNote error={proof.error} onRetry={() => proof.refetch()} />
      </Dialog>
    );
  }
  return (
    <Dialog title={kindText(words, event)} onClose={onClose} side>
      <Facts
        items={[
          [t('audit-kind'), <code key="k">{event.activity}</code>],
          [t('column-when'), <Time key="w" at={event.at} />],
          [t('column-who'), event.actor_name ?? '–'],
          [t('column-on'), onText(words, event)],
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
        <pre className={css.raw} tabIndex={0} role="group" aria-label={t('audit-details')}>
          {JSON.stringify(event.details ?? {}, null, 2)}
        </pre>
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
              <pre className={css.raw}>
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
