/** Beside the screen: what happened, file operations, a search, who was in it. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { MessageSquare, Play, Search, Snowflake } from 'lucide-react';
import { type ReactNode, useDeferredValue, useId, useMemo, useState } from 'react';
import { api, take } from '../../api/client';
import { problemOf } from '../../api/problem';
import {
  commands,
  files,
  session as ownSession,
  type SessionDetails,
  watchers,
} from '../../api/queries';
import { useMay } from '../../app/may';
import { useWords } from '../../i18n';
import { bytes, clock } from '../../i18n/format';
import { type Index, straight } from '../../terminal/text';
import { Button } from '../../ui/Button';
import { Pill, Time, Waiting } from '../../ui/bits';
import { ProblemNote } from '../../ui/ProblemNote';
import { operationText, outcomeText } from '../shared/files';
import { seesInto } from './may';
import { type Order, useOrders } from './orders';
import css from './Side.module.css';
import { into, timeline } from './timeline';

type Tab = 'commands' | 'files' | 'search' | 'people';

interface Props {
  session: SessionDetails;
  live: boolean;
  /** Goes to a moment of a recording. */
  onJump?: ((at: number) => void) | undefined;
  /** Where the recording is, in seconds. */
  at?: number;
  index?: Index | undefined;
}

export function Side(props: Props) {
  const { t } = useWords();
  const id = useId();
  const [wanted, setTab] = useState<Tab>('commands');
  const may = useMay();
  const sees = seesInto(props.session);
  // What was seen live stays, for those who may not see what is kept.
  const [saw] = useState(sees);
  const tabs: Tab[] = [
    'commands',
    ...(sees || saw ? (['files'] as const) : []),
    ...(props.index ? (['search'] as const) : []),
    ...(sees || may('audit:read') ? (['people'] as const) : []),
  ];
  const tab = tabs.includes(wanted) ? wanted : 'commands';
  return (
    <section className={css.side}>
      <div role="tablist" className={css.tabs} aria-label={t('room-beside')}>
        {tabs.map((name, i) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`${id}-${name}`}
            aria-selected={tab === name}
            aria-controls={`${id}-panel`}
            tabIndex={tab === name ? 0 : -1}
            onClick={() => setTab(name)}
            onKeyDown={e => {
              const step = e.key === 'ArrowRight' ? 1 : e.key === 'ArrowLeft' ? -1 : 0;
              const next = tabs[(i + step + tabs.length) % tabs.length];
              if (step === 0 || !next) return;
              setTab(next);
              document.getElementById(`${id}-${next}`)?.focus();
            }}
          >
            {t(`room-tab-${name}`)}
          </button>
        ))}
      </div>
      <div
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${tab}`}
        className={css.panel}
        tabIndex={0}
      >
        {tab === 'commands' && <Timeline {...props} />}
        {tab === 'files' && <Files {...props} />}
        {tab === 'people' && <People session={props.session} />}
        {tab === 'search' && props.index && <Inside index={props.index} onJump={props.onJump} />}
      </div>
    </section>
  );
}

/** What was seen live is no reason to say that what is kept is refused. */
function Refused({
  of: query,
  shown,
}: {
  of: { error: unknown; refetch: () => unknown };
  shown: boolean;
}) {
  if (shown && problemOf(query.error)?.code === 'not_permitted') return null;
  return <ProblemNote error={query.error} onRetry={() => query.refetch()} />;
}

const DID = {
  freeze: { icon: Snowflake, word: 'order-frozen' },
  thaw: { icon: Play, word: 'order-thawed' },
  message: { icon: MessageSquare, word: 'order-message' },
} as const;

/** What was typed, and what others did meanwhile. */
function Timeline({ session, live, onJump, at }: Props) {
  const { t } = useWords();
  const sees = seesInto(session);
  const own = useQuery(ownSession()).data?.identity === session.identity;
  const query = useInfiniteQuery({ ...commands(session.id, live), enabled: sees });
  const orders = useOrders(session.id, sees || own);
  const typed = query.data?.pages.flatMap(p => p.items) ?? [];
  const all = timeline(session.started_at, typed, orders, query.hasNextPage);
  const passed = at === undefined ? -1 : all.findLastIndex(step => step.at <= at);
  if (query.isLoading) return <Waiting lines={4} />;
  return (
    <>
      <Refused of={query} shown={typed.length > 0} />
      {query.isSuccess && all.length === 0 && <p className={css.none}>{t('room-no-commands')}</p>}
      {!sees && query.isPending && <p className={css.none}>{t('room-unseen-commands')}</p>}
      <ol className={css.list}>
        {all.map((step, i) => (
          <li key={step.key} aria-current={i === passed ? 'step' : undefined}>
            <Item at={step.at} onJump={onJump}>
              {'command' in step ? (
                <>
                  <code className={css.text}>{straight(step.command.text)}</code>
                  {!step.command.certain && (
                    <span className={css.unsure}>
                      <span aria-hidden="true">~</span>
                      <span className="hide">{t('room-uncertain')}</span>
                    </span>
                  )}
                </>
              ) : (
                <Did order={step.order} />
              )}
            </Item>
          </li>
        ))}
      </ol>
      {query.hasNextPage && (
        <Button slim onClick={() => query.fetchNextPage()} busy={query.isFetchingNextPage}>
          {t('more')}
        </Button>
      )}
      {typed.some(c => !c.certain) && (
        <p className={css.none} aria-hidden="true">
          ~ {t('room-uncertain')}
        </p>
      )}
    </>
  );
}

function Did({ order: { kind, by_name, text } }: { order: Order }) {
  const { t } = useWords();
  const { icon: Icon, word } = DID[kind];
  return (
    <span className={css.did} data-kind={kind}>
      <Icon aria-hidden="true" />
      <span className={css.text}>
        <strong>{t(word, { who: by_name })}</strong>
        {text && (
          <>
            {' '}
            <span>{straight(text)}</span>
          </>
        )}
      </span>
    </span>
  );
}

/** Something at a moment; in a recording it leads there. */
function Item({
  at,
  onJump,
  children,
}: {
  at: number;
  onJump: Props['onJump'];
  children: ReactNode;
}) {
  const inside = (
    <>
      <span className={css.time}>{clock(at)}</span>
      {children}
    </>
  );
  if (!onJump) return <div className={css.item}>{inside}</div>;
  return (
    <button type="button" className={css.item} onClick={() => onJump(Math.max(0, at - 0.5))}>
      {inside}
    </button>
  );
}

function Files({ session, live, onJump }: Props) {
  const words = useWords();
  const { t, lang } = words;
  const query = useInfiniteQuery({ ...files(session.id, live), enabled: seesInto(session) });
  const all = query.data?.pages.flatMap(p => p.items) ?? [];
  if (query.isLoading) return <Waiting lines={4} />;
  return (
    <>
      <Refused of={query} shown={all.length > 0} />
      {query.isSuccess && all.length === 0 && <p className={css.none}>{t('room-no-files')}</p>}
      <ol className={css.list}>
        {all.map(f => (
          <li key={f.number}>
            <Item at={into(session.started_at, f.at)} onJump={onJump}>
              <span className={css.text}>
                <strong>{operationText(words, f.operation)}</strong> <code>{straight(f.path)}</code>
                {f.other_path && (
                  <>
                    {' → '}
                    <code>{straight(f.other_path)}</code>
                  </>
                )}
                <span className="soft"> {f.bytes ? bytes(lang, f.bytes) : ''}</span>
              </span>
              {outcomeText(words, f.outcome) && (
                <Pill tone="bad">{outcomeText(words, f.outcome)}</Pill>
              )}
            </Item>
          </li>
        ))}
      </ol>
      {query.hasNextPage && (
        <Button slim onClick={() => query.fetchNextPage()} busy={query.isFetchingNextPage}>
          {t('more')}
        </Button>
      )}
    </>
  );
}

/** Who was in it: whose it is, who watched, who played it, as the log has it. */
function People({ session: s }: { session: SessionDetails }) {
  const { t } = useWords();
  const log = useMay()('audit:read');
  const seen = useQuery({
    queryKey: ['audit', 'people', s.id],
    enabled: log,
    queryFn: async () => {
      const pages = await Promise.all(
        (['session.watched', 'recording.played'] as const).map(activity =>
          take(
            api.GET('/api/v1/audit/events', {
              params: { query: { privileged_session: s.id, activity, limit: 50 } },
            }),
          ),
        ),
      );
      return pages.flatMap(p => p.items).sort((a, b) => b.at.localeCompare(a.at));
    },
    retry: false,
  });
  const live = s.state === 'live';
  const now = useQuery({ ...watchers(s.id), enabled: live && seesInto(s) });
  return (
    <>
      <ProblemNote error={seen.error} onRetry={() => seen.refetch()} />
      <ol className={css.list}>
        <li>
          <div className={css.item}>
            <span className={css.text}>
              <strong>{s.identity_name}</strong> <span className="soft">{t('room-owner')}</span>
            </span>
            <Time at={s.started_at} />
          </div>
        </li>
        {live &&
          now.data?.items.map(w => (
            <li key={`${w.identity} ${w.since}`}>
              <div className={css.item}>
                <span className={css.text}>
                  <strong>{w.identity_name}</strong> <Pill tone="live">{t('room-watching')}</Pill>
                </span>
                <Time at={w.since} />
              </div>
            </li>
          ))}
        {seen.data?.map(e => (
          <li key={e.id}>
            <div className={css.item}>
              <span className={css.text}>
                <strong>{e.actor_name}</strong>{' '}
                <span className="soft">
                  {t(e.activity === 'session.watched' ? 'room-watched' : 'room-played')}
                </span>
              </span>
              <Time at={e.at} />
            </div>
          </li>
        ))}
      </ol>
      {seen.isLoading && <Waiting lines={2} />}
      {seen.data?.length === 0 && !now.data?.items.length && (
        <p className={css.none}>{t('room-nobody-else')}</p>
      )}
    </>
  );
}

function Inside({ index, onJump }: { index: Index; onJump: Props['onJump'] }) {
  const { t } = useWords();
  const id = useId();
  const [text, setText] = useState('');
  const wanted = useDeferredValue(text);
  const found = useMemo(() => index.find(wanted), [index, wanted]);
  return (
    <>
      <div className={css.search}>
        <Search aria-hidden="true" />
        <label htmlFor={id} className="hide">
          {t('room-search')}
        </label>
        <input
          id={id}
          type="search"
          value={text}
          placeholder={t('room-search')}
          onChange={e => setText(e.target.value)}
        />
      </div>
      <p className={css.none} role="status">
        {wanted.trim() ? t('room-found', { n: found.length }) : t('room-search-hint')}
      </p>
      <ol className={css.list}>
        {found.map((f, i) => (
          <li key={i}>
            <button type="button" className={css.item} onClick={() => onJump?.(f.at)}>
              <span className={css.time}>{clock(f.at)}</span>
              <code className={css.text}>
                {f.line.slice(Math.max(0, f.from - 40), f.from)}
                <mark>{f.line.slice(f.from, f.to)}</mark>
                {f.line.slice(f.to, f.to + 80)}
              </code>
            </button>
          </li>
        ))}
      </ol>
    </>
  );
}
