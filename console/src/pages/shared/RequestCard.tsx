/**
 * One request with everything that an approver needs: who, what, why, for how
 * long, what they did last time, who else approved. It fits on a phone.
 */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Check, X } from 'lucide-react';
import { useLayoutEffect, useRef, useState } from 'react';
import { api, take } from '../../api/client';
import { type PendingApproval, type Request, request as requestQuery } from '../../api/queries';
import { useMay } from '../../app/may';
import { dropDraft, keepDraft, readDraft } from '../../forms/draft';
import { useWords } from '../../i18n';
import { duration } from '../../i18n/format';
import { Button } from '../../ui/Button';
import { Face, Facts, Pill, Time } from '../../ui/bits';
import { Act } from '../../ui/Confirm';
import { TextArea } from '../../ui/Field';
import { ProblemNote } from '../../ui/ProblemNote';
import { say } from '../../ui/toast';
import css from './RequestCard.module.css';
import { RequestState } from './RequestList';
import { Risk } from './Risk';

export function RequestCard({
  request: asked,
  pending,
  gone,
}: {
  request: Request;
  /** It waits for the reader's word. */
  pending?: PendingApproval | undefined;
  /** It waited when the reader came, and does no more: it keeps its room. */
  gone?: boolean;
}) {
  const words = useWords();
  const { t } = words;
  const details = useQuery(requestQuery(asked.id));
  const r = gone && details.data ? details.data : asked;
  const known = useFullName(r.requester_name, pending === undefined);
  const full = pending?.requester_display_name || known;
  const is = [
    pending?.requester_relation && t(`relation-${pending.requester_relation}`),
    pending?.requester_groups?.join(', '),
  ].filter(Boolean);
  const labels = Object.entries(pending?.about_labels ?? {});
  const approvals = details.data?.approvals ?? [];
  const risk = details.data?.risk ?? pending?.risk;
  return (
    <article
      className={css.card}
      aria-label={t('request-label', { who: r.requester_name, what: r.about_name })}
    >
      <header className={css.head}>
        <Face name={full ?? r.requester_name} />
        <div className={css.who}>
          <p className={css.name}>
            {full && full !== r.requester_name ? (
              <>
                {full} <span className={css.signIn}>{r.requester_name}</span>
              </>
            ) : (
              r.requester_name
            )}
          </p>
          {is.length > 0 && <p className="small soft">{is.join(' · ')}</p>}
          <p className="small soft">
            {t('asked')} <Time at={r.created_at} />
          </p>
        </div>
        <RequestState state={r.state} />
      </header>
      <p className={css.wish}>
        {words.rich('request-wish', {
          what: <strong className="mono">{r.about_name}</strong>,
          duration: <strong>{duration(words, r.duration_seconds)}</strong>,
        })}
      </p>
      {(pending?.about_description || labels.length > 0) && (
        <p className={css.about}>
          {pending?.about_description && (
            <span className="small soft">{pending.about_description}</span>
          )}
          {labels.map(([name, value]) => (
            <Pill key={name}>
              {name}={value}
            </Pill>
          ))}
        </p>
      )}
      {r.reason && <blockquote className={css.reason}>{r.reason}</blockquote>}
      <Facts
        items={[
          [t('column-approvals'), t('approvals-of', { have: r.approval_count, need: r.needed })],
          r.state === 'pending' && [t('request-expires'), <Time key="e" at={r.expires_at} />],
          r.state !== 'pending' && [t('column-decided'), <Time key="d" at={r.decided_at} />],
        ]}
      />
      {risk && <Risk risk={risk} about={r} />}
      {pending?.last_there && <LastTime last={pending.last_there} />}
      {approvals.length > 0 && (
        <ul className={css.words}>
          {approvals.map(a => (
            <li key={a.id}>
              <Pill tone={a.decision === 'approve' ? 'ok' : 'bad'}>
                {a.decision === 'approve'
                  ? t('approved-by', { name: a.by_name })
                  : t('denied-by', { name: a.by_name })}
              </Pill>{' '}
              <Time at={a.at} />
              {a.comment && <p className="small soft">{a.comment}</p>}
            </li>
          ))}
        </ul>
      )}
      {pending && (gone || r.state === 'pending') && <Decide request={r} gone={gone ?? false} />}
    </article>
  );
}

/** How many of their last commands stand on the card. */
const SEEN = 5;

/**
 * What the requester did there before, as far as the reader may see it. That they were
 * never there is among the reasons of the risk.
 */
function LastTime({ last }: { last: NonNullable<PendingApproval['last_there']> }) {
  const { t } = useWords();
  const session = last.session ?? undefined;
  const did = useQuery({
    queryKey: ['privileged-sessions', session, 'last-time'],
    queryFn: () =>
      take(
        api.GET('/api/v1/privileged-sessions/{id}/commands', {
          params: { path: { id: session ?? '' }, query: { limit: SEEN } },
        }),
      ),
    enabled: session !== undefined,
    retry: false,
  });
  return (
    <div className={css.last}>
      <p className="small soft">
        {t('last-time')} <Time at={last.started_at} />.{' '}
        {session && (
          <Link to="/sessions/$id" params={{ id: session }}>
            {t('last-time-open')}
          </Link>
        )}
      </p>
      {did.data && did.data.items.length > 0 && (
        <ol className={css.commands} aria-label={t('last-time-commands')}>
          {did.data.items.map(c => (
            <li key={c.number}>
              <code>{c.text}</code>
            </li>
          ))}
          {did.data.next && <li>…</li>}
        </ol>
      )}
    </div>
  );
}

/** What they are called, for those who may know. */
function useFullName(name: string, wanted: boolean): string | undefined {
  const may = useMay();
  const found = useQuery({
    queryKey: ['identities', name],
    queryFn: () => take(api.GET('/api/v1/identities/{name}', { params: { path: { name } } })),
    enabled: wanted && may('identity:read'),
    retry: false,
  });
  return found.data?.display_name || undefined;
}

/** The longest comment that the server takes, in characters. */
const LONGEST = 500;

function Decide({ request: r, gone }: { request: Request; gone: boolean }) {
  const { t } = useWords();
  const client = useQueryClient();
  const box = useRef<HTMLDivElement>(null);
  const height = useRef(0);
  useLayoutEffect(() => {
    if (!gone) height.current = box.current?.offsetHeight ?? 0;
  });
  const draft = `decide.${r.id}`;
  const [comment, setComment] = useState(() => readDraft(draft, { comment: '' }).comment);
  const decide = (decision: 'approve' | 'deny', said: string) =>
    take(
      api.POST('/api/v1/requests/{id}/decide', {
        params: { path: { id: r.id } },
        body: { decision, comment: said.trim() },
      }),
    );
  const decided = () => {
    dropDraft(draft);
    for (const word of ['approvals', 'requests', 'grants'])
      client.invalidateQueries({ queryKey: [word] });
  };
  const run = useMutation({
    mutationFn: () => decide('approve', comment),
    onSuccess: outcome => {
      say(
        outcome.state === 'pending'
          ? t('decided-more', { count: outcome.missing })
          : t('decided-approved', { name: r.requester_name }),
      );
      decided();
    },
  });
  if (gone) {
    return (
      <div className={css.decide} style={{ minBlockSize: height.current }}>
        <p className="soft" role="status">
          {t('decided-gone')}
        </p>
      </div>
    );
  }
  return (
    <div className={css.decide} ref={box}>
      <TextArea
        label={t('decide-comment')}
        optional={t('optional')}
        rows={2}
        most={LONGEST}
        value={comment}
        onChange={e => {
          setComment(e.target.value);
          keepDraft(draft, { comment: e.target.value }, []);
        }}
      />
      <ProblemNote error={run.error} onRetry={() => run.mutate()} />
      <div className={css.buttons}>
        <Act
          name={`deny:${r.id}`}
          kind="danger"
          icon={<X />}
          disabled={run.isPending}
          ask={{
            title: t('deny-title', { who: r.requester_name, what: r.about_name }),
            what: <p>{t('deny-what', { who: r.requester_name })}</p>,
            undo: t('deny-undo'),
            verb: t('deny'),
            reason: 'may',
            begun: comment,
            readers: t('deny-readers', { who: r.requester_name }),
            run: reason => decide('deny', reason),
            done: t('decided-denied', { name: r.requester_name }),
            after: decided,
          }}
        />
        <Button kind="primary" icon={<Check />} busy={run.isPending} onClick={() => run.mutate()}>
          {t('approve')}
        </Button>
      </div>
    </div>
  );
}
