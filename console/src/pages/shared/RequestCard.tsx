/**
 * One request with everything that an approver needs: who, what, why, for how
 * long, what they did last time, who else approved. It fits on a phone.
 */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Check, X } from 'lucide-react';
import { useState } from 'react';
import { api, take } from '../../api/client';
import { type PendingApproval, type Request, request as requestQuery } from '../../api/queries';
import { dropDraft, keepDraft, readDraft } from '../../forms/draft';
import { useWords } from '../../i18n';
import { duration } from '../../i18n/format';
import { Button } from '../../ui/Button';
import { Face, Facts, Pill, Time } from '../../ui/bits';
import { TextArea } from '../../ui/Field';
import { ProblemNote } from '../../ui/ProblemNote';
import { say } from '../../ui/toast';
import css from './RequestCard.module.css';
import { RequestState } from './RequestList';
import { Risk } from './Risk';

export function RequestCard({
  request: r,
  pending,
}: {
  request: Request;
  /** It waits for the reader's word. */
  pending?: PendingApproval | undefined;
}) {
  const words = useWords();
  const { t } = words;
  const details = useQuery(requestQuery(r.id));
  const approvals = details.data?.approvals ?? [];
  const risk = details.data?.risk ?? pending?.risk;
  return (
    <article
      className={css.card}
      aria-label={t('request-label', { who: r.requester_name, what: r.about_name })}
    >
      <header className={css.head}>
        <Face name={r.requester_name} />
        <div className={css.who}>
          <p className={css.name}>{r.requester_name}</p>
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
      {r.reason && <blockquote className={css.reason}>{r.reason}</blockquote>}
      <Facts
        items={[
          [t('column-approvals'), t('approvals-of', { have: r.approval_count, need: r.needed })],
          r.state === 'pending' && [t('request-expires'), <Time key="e" at={r.expires_at} />],
          r.state !== 'pending' && [t('column-decided'), <Time key="d" at={r.decided_at} />],
        ]}
      />
      {risk && <Risk risk={risk} />}
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
      {pending && r.state === 'pending' && <Decide request={r} />}
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

function Decide({ request: r }: { request: Request }) {
  const { t } = useWords();
  const client = useQueryClient();
  const draft = `decide.${r.id}`;
  const [comment, setComment] = useState(() => readDraft(draft, { comment: '' }).comment);
  const run = useMutation({
    mutationFn: (decision: 'approve' | 'deny') =>
      take(
        api.POST('/api/v1/requests/{id}/decide', {
          params: { path: { id: r.id } },
          body: { decision, comment: comment.trim() },
        }),
      ),
    onSuccess: (outcome, decision) => {
      dropDraft(draft);
      const text =
        decision === 'deny'
          ? t('decided-denied', { name: r.requester_name })
          : outcome.state === 'pending'
            ? t('decided-more', { count: outcome.missing })
            : t('decided-approved', { name: r.requester_name });
      say(text);
      for (const word of ['approvals', 'requests', 'grants'])
        client.invalidateQueries({ queryKey: [word] });
    },
  });
  return (
    <div className={css.decide}>
      <TextArea
        label={t('decide-comment')}
        optional={t('optional')}
        rows={2}
        value={comment}
        onChange={e => {
          setComment(e.target.value);
          keepDraft(draft, { comment: e.target.value }, []);
        }}
      />
      <ProblemNote
        error={run.error}
        onRetry={run.variables ? () => run.mutate(run.variables) : undefined}
      />
      <div className={css.buttons}>
        <Button
          kind="danger"
          icon={<X />}
          busy={run.isPending && run.variables === 'deny'}
          disabled={run.isPending}
          onClick={() => run.mutate('deny')}
        >
          {t('deny')}
        </Button>
        <Button
          kind="primary"
          icon={<Check />}
          busy={run.isPending && run.variables === 'approve'}
          disabled={run.isPending}
          onClick={() => run.mutate('approve')}
        >
          {t('approve')}
        </Button>
      </div>
    </div>
  );
}
