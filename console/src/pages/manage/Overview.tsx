/** The house at a glance; each number leads to what it counts. */
import { useQuery } from '@tanstack/react-query';
import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { api, take } from '../../api/client';
import { approvals, liveGrants, status } from '../../api/queries';
import { useWords } from '../../i18n';
import { duration } from '../../i18n/format';
import { Card, Face, Line, Lines, Notice, Page, PageHead, Two, Waiting } from '../../ui/bits';
import { ProblemNote } from '../../ui/ProblemNote';
import { FewEvents } from '../shared/FewKinds';
import { length, SessionState } from '../shared/SessionList';
import css from './Overview.module.css';
import { Standing } from './Standing';

function Tile({
  label,
  value,
  hint,
  to,
  bad,
}: {
  label: string;
  value: ReactNode;
  hint?: ReactNode;
  to: LinkProps;
  bad?: boolean;
}) {
  return (
    <Link {...to} className={css.tile} data-bad={bad || undefined}>
      <span className={css.label}>{label}</span>
      <span className={css.value}>{value}</span>
      {hint && <span className={css.hint}>{hint}</span>}
    </Link>
  );
}

/** How many there are, as far as one page of them tells. */
function count(page: { items: unknown[]; next?: string | null } | undefined): string {
  if (!page) return '–';
  return page.next ? `${page.items.length}+` : String(page.items.length);
}

export default function Overview() {
  const words = useWords();
  const { t } = words;
  const house = useQuery(status());
  const waiting = useQuery(approvals());
  const grants = useQuery(liveGrants());
  const sessions = useQuery({
    queryKey: ['privileged-sessions', 'overview'],
    queryFn: () =>
      take(
        api.GET('/api/v1/privileged-sessions', {
          params: { query: { state: 'live', limit: 200 } },
        }),
      ),
  });
  const requests = useQuery({
    queryKey: ['requests', 'overview'],
    queryFn: () =>
      take(api.GET('/api/v1/requests', { params: { query: { state: 'pending', limit: 200 } } })),
    retry: false,
  });
  const glass = useQuery({
    queryKey: ['grants', 'unreviewed'],
    queryFn: () =>
      take(
        api.GET('/api/v1/grants', {
          params: { query: { break_glass: true, reviewed: false, limit: 200 } },
        }),
      ),
    retry: false,
  });
  const live = sessions.data?.items ?? [];
  const held = live.filter(s => s.frozen).length;
  const h = house.data;
  return (
    <Page>
      <PageHead title={t('nav-overview')} lead={t('overview-lead')} />
      <ProblemNote error={house.error} onRetry={() => house.refetch()} />
      {h?.seal.sealed && (
        <Notice tone="bad" title={t('overview-sealed')}>
          {t('overview-sealed-text')}
        </Notice>
      )}
      <div className={css.tiles}>
        <Tile
          label={t('overview-live-short')}
          value={count(sessions.data)}
          hint={
            held > 0
              ? t('overview-frozen', { n: held })
              : h && t('overview-here', { n: h.open_here })
          }
          to={{ to: '/manage/sessions', search: { 'f.state': 'live' } as never }}
        />
        <Tile
          label={t('overview-waiting')}
          value={waiting.data?.length ?? '–'}
          hint={t('overview-waiting-hint')}
          to={{ to: '/approvals' }}
        />
        {requests.data && (
          <Tile
            label={t('overview-requests')}
            value={count(requests.data)}
            hint={t('overview-requests-hint')}
            to={{ to: '/manage/requests', search: { 'f.state': 'pending' } as never }}
          />
        )}
        <Tile
          label={t('overview-grants')}
          value={count(grants.data)}
          hint={t('overview-grants-hint', {
            n: grants.data?.items.filter(g => g.break_glass).length ?? 0,
          })}
          to={{ to: '/manage/requests', search: { tab: 'grants', 'f.state': 'live' } as never }}
        />
        {glass.data && (
          <Tile
            label={t('overview-glass')}
            value={count(glass.data)}
            hint={t(glass.data.items.length > 0 ? 'overview-glass-hint' : 'overview-glass-none')}
            bad={glass.data.items.length > 0}
            to={{
              to: '/manage/requests',
              search: {
                tab: 'grants',
                'f.break_glass': 'true',
                'f.reviewed': 'false',
              } as never,
            }}
          />
        )}
        <Tile
          label={t('overview-log')}
          value={h ? h.log_leaves.toLocaleString(words.lang) : '–'}
          hint={
            h &&
            (h.forged_rows > 0
              ? t('overview-rows-forged', { n: h.forged_rows })
              : h.log_waiting > 0
                ? t('overview-log-waiting', { n: h.log_waiting })
                : t('overview-log-all'))
          }
          bad={(h?.forged_rows ?? 0) > 0}
          to={{ to: '/manage/audit' }}
        />
        <Tile
          label={t('overview-vault')}
          value={h ? (h.seal.sealed ? t('sealed') : t('unsealed')) : '–'}
          hint={h && t(`seal-${h.seal.method}`)}
          bad={h?.seal.sealed}
          to={{ to: '/manage/settings' }}
        />
        <Tile
          label={t('overview-outbox')}
          value={h ? h.outbox.waiting : '–'}
          hint={h && t('overview-outbox-failed', { n: h.outbox.failed })}
          bad={(h?.outbox.failed ?? 0) > 0}
          to={{ to: '/manage/settings' }}
        />
      </div>
      <Standing />
      <Two>
        <Card title={t('overview-live')} flush>
          {sessions.isPending && <Waiting />}
          <ProblemNote error={sessions.error} onRetry={() => sessions.refetch()} />
          <Lines>
            {live.slice(0, 8).map(s => (
              <Line
                key={s.id}
                start={<Face name={s.identity_name} small />}
                actions={
                  <Link to="/sessions/$id" params={{ id: s.id }}>
                    {t('watch')}
                  </Link>
                }
              >
                <span className={css.person}>
                  <strong>{s.identity_name}</strong>
                  {s.frozen && <SessionState session={s} />}
                </span>
                <span className="small soft">
                  <span className="mono">{s.account_name}</span> · {duration(words, length(s))}
                </span>
              </Line>
            ))}
            {sessions.isSuccess && live.length === 0 && (
              <Line>
                <span className="soft">{t('overview-no-sessions')}</span>
              </Line>
            )}
          </Lines>
        </Card>
        <FewEvents
          title={t('overview-detections')}
          query={{ class: 2004 }}
          none={t('overview-no-detections')}
        />
        <FewEvents
          title={t('overview-failed')}
          query={{ outcome: 'failure', class: 3002 }}
          none={t('overview-no-failed')}
        />
      </Two>
    </Page>
  );
}
