/** The room of one privileged session: live, or as it was. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { OctagonX, ScrollText, Snowflake } from 'lucide-react';
import { useState } from 'react';
import { api, take } from '../../api/client';
import { grant, privilegedSession, type SessionDetails } from '../../api/queries';
import { useMay } from '../../app/may';
import { useWords } from '../../i18n';
import { duration } from '../../i18n/format';
import { ButtonLink } from '../../ui/Button';
import { Page, PageHead, Pill, Time, useNow, Waiting } from '../../ui/bits';
import { Act } from '../../ui/Confirm';
import { ProblemNote } from '../../ui/ProblemNote';
import { useNew } from '../../ui/useNew';
import { length, SessionState } from '../shared/SessionList';
import { whyEnded } from './cause';
import { Live } from './Live';
import { mayHere } from './may';
import { freeze } from './orders';
import { Replay } from './Replay';
import css from './Room.module.css';

export default function Room() {
  const { t } = useWords();
  const { id = '' } = useParams({ strict: false });
  const client = useQueryClient();
  const found = useQuery(privilegedSession(id));
  const s = found.data;
  if (!s) {
    return (
      <Page>
        <PageHead title={t('room-title')} />
        {found.isPending && <Waiting />}
        <ProblemNote error={found.error} onRetry={() => found.refetch()} />
      </Page>
    );
  }
  return (
    <Known
      key={s.id}
      session={s}
      refresh={() => client.invalidateQueries({ queryKey: ['privileged-sessions'] })}
    />
  );
}

/** By which grant: why it was given, and the request that it came of. */
function By({ grant: id }: { grant: string }) {
  const { t } = useWords();
  const { data: g } = useQuery({ ...grant(id), retry: false });
  if (!g) return null;
  return (
    <span>
      {g.reason && <q>{g.reason}</q>}{' '}
      {g.request ? (
        <Link to="/requests/$id" params={{ id: g.request }}>
          {t('room-request')}
        </Link>
      ) : (
        g.break_glass && <Pill tone="bad">{t('break-glass')}</Pill>
      )}
    </span>
  );
}

function Known({ session: s, refresh }: { session: SessionDetails; refresh: () => void }) {
  const words = useWords();
  const { t } = words;
  const may = useMay();
  const here = mayHere(s);
  const [asked] = useNew('do');
  useNow(s.state === 'ended' ? 3600 : 1);
  // A session that ends while it is watched stays on the screen.
  const [wasLive] = useState(s.state !== 'ended');
  return (
    <Page full fill="wide">
      <PageHead
        above={<Link to="/sessions">{t('nav-sessions')}</Link>}
        title={<span className="mono">{s.account_name}</span>}
        state={<SessionState session={s} />}
        lead={
          <span className={css.lead}>
            <span>{t('room-lead', { who: s.identity_name })}</span>
            <span>
              <Time at={s.started_at} />,{' '}
              {t(s.state === 'ended' ? 'room-lasted' : 'room-lasts', {
                time: duration(words, length(s)),
              })}
            </span>
            {s.address && <span className="mono">{s.address}</span>}
            {s.grant && <By grant={s.grant} />}
            {s.end_cause && <span>{whyEnded(words, s)}</span>}
          </span>
        }
        actions={
          <>
            {may('audit:read') && (
              <ButtonLink
                to="/manage/audit"
                search={{ 'f.privileged_session': s.id } as never}
                icon={<ScrollText />}
              >
                {t('room-record')}
              </ButtonLink>
            )}
            {s.state === 'live' && here('session:freeze') && (!s.frozen || asked === 'freeze') && (
              <Act
                name="freeze"
                icon={<Snowflake />}
                ask={{
                  title: t('freeze-title', { name: s.account_name }),
                  what: <p>{t('freeze-what', { who: s.identity_name, name: s.account_name })}</p>,
                  undo: t('freeze-undo'),
                  verb: t('freeze'),
                  reason: 'must',
                  mild: true,
                  run: reason => freeze(s.id, reason),
                  done: t('freeze-done'),
                  after: refresh,
                }}
              />
            )}
            {s.state !== 'ended' && here('session:end') && (
              <Act
                name="terminate"
                kind="danger"
                icon={<OctagonX />}
                ask={{
                  title: t('terminate-title', { name: s.account_name }),
                  what: (
                    <p>{t('terminate-what', { who: s.identity_name, name: s.account_name })}</p>
                  ),
                  undo: t('terminate-undo'),
                  verb: t('terminate'),
                  reason: 'must',
                  run: reason =>
                    take(
                      api.POST('/api/v1/privileged-sessions/{id}/end', {
                        params: { path: { id: s.id } },
                        body: { reason },
                      }),
                    ),
                  done: t('terminate-done'),
                  after: refresh,
                }}
              />
            )}
          </>
        }
      />
      {wasLive ? <Live session={s} onOver={refresh} /> : <Replay session={s} />}
    </Page>
  );
}
