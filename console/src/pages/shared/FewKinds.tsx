/** A few privileged sessions, grants or records of somebody or something. */
import { Link } from '@tanstack/react-router';
import { api, type Schemas, take } from '../../api/client';
import { useMay } from '../../app/may';
import { howOf, pageOfWhat, pageOfWho, pathText } from '../../graph/access';
import { REACHED, TONES } from '../../graph/reached';
import { useWords } from '../../i18n';
import { Line, Pill, Time } from '../../ui/bits';
import { useAgain } from './Detail';
import { DeviceActs, DeviceLine } from './Devices';
import { FEW, Few } from './Few';
import { fold } from './fold';
import { kindText, onText, whoText } from './kinds';
import { SessionState } from './SessionList';
import { told } from './said';

export function FewSessions({ of }: { of: { identity: string } | { target: string } }) {
  const { t } = useWords();
  const who = 'target' in of;
  const [[name, value] = ['', '']] = Object.entries(of);
  return (
    <Few
      title={t('nav-sessions')}
      queryKey={['privileged-sessions', 'few', of]}
      fetch={() =>
        take(api.GET('/api/v1/privileged-sessions', { params: { query: { ...of, limit: FEW } } }))
      }
      all={{ to: '/manage/sessions', search: { [`f.${name}`]: value } as never }}
      none={t('sessions-none')}
    >
      {s => (
        <Line key={s.id} actions={<SessionState session={s} />}>
          <Link to="/sessions/$id" params={{ id: s.id }} className="mono">
            {s.account_name}
          </Link>
          <span className="small soft">
            {who && `${s.identity_name} · `}
            <Time at={s.started_at} />
          </span>
        </Line>
      )}
    </Few>
  );
}

export function FewGrants({ of }: { of: { holder: string } | { about: string } }) {
  const { t } = useWords();
  const who = 'about' in of;
  const [[name, value] = ['', '']] = Object.entries(of);
  return (
    <Few
      title={t('tab-grants')}
      queryKey={['grants', 'few', of]}
      fetch={() =>
        take(api.GET('/api/v1/grants', { params: { query: { ...of, state: 'live', limit: FEW } } }))
      }
      all={{
        to: '/manage/requests',
        search: { tab: 'grants', [`f.${name}`]: value } as never,
      }}
      none={t('few-no-grants')}
    >
      {g => (
        <Line key={g.id} actions={g.break_glass && <Pill tone="bad">{t('break-glass')}</Pill>}>
          <span className="mono">{g.about_name}</span>
          <span className="small soft">
            {who && `${g.holder_name} · `}
            {t('until')} <Time at={g.ends_at} />
          </span>
        </Line>
      )}
    </Few>
  );
}

/** What somebody signs in with. */
export function FewDevices({ of }: { of: string }) {
  const { t } = useWords();
  const may = useMay();
  const again = useAgain('devices');
  return (
    <Few
      title={t('nav-devices')}
      queryKey={['devices', 'few', of]}
      fetch={() =>
        take(api.GET('/api/v1/devices', { params: { query: { identity: of, limit: FEW } } }))
      }
      all={{ to: '/manage/devices', search: { 'f.identity': of } as never }}
      none={t('few-no-devices')}
      enabled={may('device:read')}
    >
      {d => (
        <DeviceLine
          key={d.id}
          device={d}
          actions={may('device:manage') && <DeviceActs device={d} again={again} />}
        />
      )}
    </Few>
  );
}

/** So many records are looked through for a few that are not the same again. */
const RECENT = 60;

/** What the log has of somebody, or of something. */
export function FewEvents({
  title,
  none,
  query,
}: {
  title: string;
  none: string;
  query: { actor?: string; target?: string; outcome?: 'failure' | 'success'; class?: number };
}) {
  const words = useWords();
  const { t } = words;
  const may = useMay()('audit:read');
  const filters = Object.fromEntries(Object.entries(query).map(([k, v]) => [`f.${k}`, String(v)]));
  return (
    <Few
      title={title}
      queryKey={['audit', 'few', query]}
      fetch={async () => {
        const found = await take(
          api.GET('/api/v1/audit/events', { params: { query: { ...query, limit: RECENT } } }),
        );
        const kind = (e: Schemas['Event']) =>
          [e.activity, e.outcome, e.target?.id, e.actor_name, told(words, e)?.text].join(' ');
        return { items: fold(found.items, kind).slice(0, FEW) };
      }}
      all={{ to: '/manage/audit', search: filters as never }}
      none={none}
      enabled={may}
    >
      {({ item: e, times }) => (
        <Line
          key={e.id}
          actions={
            <span className="small soft">
              <Time at={e.at} />
            </span>
          }
        >
          <span>
            <Link to="/manage/audit" search={{ ...filters, what: e.id } as never}>
              {kindText(words, e)}
            </Link>{' '}
            {times > 1 && <span className="soft">{t('times', { n: times })} </span>}
            {e.outcome === 'failure' && <Pill tone="bad">{t('outcome-failure')}</Pill>}
          </span>
          <span className="small soft">
            {[
              // Of a sign-in that proved nothing it matters whose it was to be.
              query.actor || e.actor.who === 'nobody'
                ? e.target && onText(words, e)
                : whoText(words, e),
              told(words, e)?.text,
              e.actor.network.address,
            ]
              .filter(Boolean)
              .join(' · ')}
          </span>
        </Line>
      )}
    </Few>
  );
}

/** What somebody reaches, or who reaches something; all of it is on the map. */
export function FewAccess({ of }: { of: { who: string } | { what: string } | { group: string } }) {
  const { t } = useWords();
  const may = useMay()('access:read');
  const what = 'what' in of;
  return (
    <Few
      title={what ? t('who-reaches') : t('show-access')}
      queryKey={['access', 'few', of]}
      fetch={() => take(api.GET('/api/v1/access', { params: { query: { ...of, limit: FEW } } }))}
      all={{ to: '/manage/map', search: of as never }}
      none={what ? t('map-nobody') : t('few-no-access')}
      enabled={may}
    >
      {a => (
        <Line
          key={`${a.who_id} ${a.what_id}`}
          actions={<Pill tone={TONES[howOf(a)]}>{t(REACHED[howOf(a)])}</Pill>}
        >
          {what ? (
            <Link {...pageOfWho(a.who, a.who_kind.endsWith('group'))}>{a.who}</Link>
          ) : (
            <Link {...pageOfWhat(a.what)} className="mono">
              {a.what}
            </Link>
          )}
          <span className="small soft">
            {what && (
              <>
                <span className="mono">{a.what}</span>
                {' · '}
              </>
            )}
            {a.paths.map(p => pathText(p) || t('map-direct')).join(', ')}
          </span>
        </Line>
      )}
    </Few>
  );
}
