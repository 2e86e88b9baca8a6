/** What I can open now, reach, and ask for. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ArrowUpRight, DoorOpen, Inbox, Search } from 'lucide-react';
import { useId, useState } from 'react';
import { approvals, type OwnApplication, ownGrants, type Reach } from '../../api/queries';
import { stepUp } from '../../api/session';
import { useWords } from '../../i18n';
import { Button, ButtonLink } from '../../ui/Button';
import { Command, Empty, Line, Lines, Notice, Page, PageHead, Pill, Waiting } from '../../ui/bits';
import { ProblemNote, requirements } from '../../ui/ProblemNote';
import { GrantLines } from './GrantLines';
import css from './Home.module.css';
import { soonest, useOwnApplications, useOwnTargets } from './own';

const MANY = 8;

export default function Home() {
  const { t } = useWords();
  const [wanted, setWanted] = useState('');
  const [all, setAll] = useState(false);
  const id = useId();
  const waiting = useQuery(approvals());
  const grants = useQuery(ownGrants());
  const applications = useOwnApplications(wanted);
  const targets = useOwnTargets(wanted);

  const mine = grants.data?.items ?? [];
  const apps = applications.items;
  // What is held by a grant stands above, with its command; it is found by its name here too.
  const held = new Set(wanted === '' ? mine.map(g => g.about_name) : []);
  const found = soonest(targets.items.filter(r => !held.has(r.name)));
  const reach = all || wanted !== '' ? found : found.slice(0, MANY);
  const count = waiting.data?.length ?? 0;

  return (
    <Page>
      <PageHead
        title={t('home-title')}
        lead={t('home-lead')}
        actions={
          <div className={css.search}>
            <Search aria-hidden="true" />
            <label htmlFor={id} className="hide">
              {t('home-search')}
            </label>
            <input
              id={id}
              type="search"
              value={wanted}
              placeholder={t('home-search')}
              onChange={e => setWanted(e.target.value)}
            />
          </div>
        }
      />
      {/* All at once: what comes later must not push away what is being reached for. */}
      {[waiting, grants, applications, targets].some(q => q.isPending) ? (
        <Waiting lines={6} />
      ) : (
        <>
          {count > 0 && (
            <Notice
              title={t('home-approvals', { count })}
              action={
                <ButtonLink to="/approvals" kind="primary" slim icon={<Inbox />}>
                  {t('home-approvals-open')}
                </ButtonLink>
              }
            />
          )}
          {mine.length > 0 && (
            <section className={css.section} aria-labelledby="grants">
              <h2 id="grants">{t('home-grants')}</h2>
              <div className={css.panel}>
                <GrantLines grants={mine} />
              </div>
            </section>
          )}
          <section className={css.section} aria-labelledby="apps">
            <h2 id="apps">{t('home-applications')}</h2>
            <ProblemNote error={applications.error} onRetry={() => applications.refetch()} />
            {applications.isSuccess &&
              (apps.length === 0 ? (
                <Empty title={wanted ? t('home-no-applications-found') : t('home-no-applications')}>
                  {wanted ? undefined : t('home-no-applications-next')}
                </Empty>
              ) : (
                <ul className={css.tiles}>
                  {apps.map(a => (
                    <li key={a.name}>
                      <Tile app={a} />
                    </li>
                  ))}
                </ul>
              ))}
            {applications.more && (
              <Button kind="bare" busy={applications.busy} onClick={() => applications.next()}>
                {t('home-more-applications')}
              </Button>
            )}
          </section>
          <section className={css.section} aria-labelledby="reach">
            <h2 id="reach">{t('home-targets')}</h2>
            <ProblemNote error={targets.error} onRetry={() => targets.refetch()} />
            {targets.isSuccess &&
              (reach.length === 0 ? (
                held.size === 0 && (
                  <Empty
                    title={wanted ? t('home-no-targets-found') : t('home-no-targets')}
                    icon={<DoorOpen />}
                  >
                    {wanted ? undefined : t('home-no-targets-next')}
                  </Empty>
                )
              ) : (
                <div className={css.panel}>
                  <Lines>
                    {reach.map(r => (
                      <ReachLine key={r.name} reach={r} />
                    ))}
                  </Lines>
                </div>
              ))}
            {reach.length < found.length && (
              <Button kind="bare" onClick={() => setAll(true)}>
                {targets.more ? t('home-more-targets') : t('home-all-targets', { n: found.length })}
              </Button>
            )}
            {reach.length === found.length && targets.more && (
              <Button kind="bare" busy={targets.busy} onClick={() => targets.next()}>
                {t('home-more-targets')}
              </Button>
            )}
          </section>
        </>
      )}
    </Page>
  );
}

function Tile({ app }: { app: OwnApplication }) {
  const { t } = useWords();
  const inside = (
    <>
      <span className={css.glyph} aria-hidden="true">
        {[...app.title][0]?.toUpperCase()}
      </span>
      <span className={css.about}>
        <span className={css.title}>{app.title}</span>
        <span className={css.text}>{app.description || app.name}</span>
      </span>
    </>
  );
  if (app.how === 'step_up') {
    const passkey = app.requirements.some(r => r.kind === 'phishing_resistant');
    return (
      <button type="button" className={css.tile} onClick={() => stepUp(passkey)}>
        {inside}
        <Pill tone="warn">{t('how-step-up')}</Pill>
      </button>
    );
  }
  if (app.how === 'request') {
    return (
      <Link to="/request" search={{ about: app.name }} className={css.tile}>
        {inside}
        <Pill>{t('how-request')}</Pill>
      </Link>
    );
  }
  if (app.how === 'managed_device') {
    return (
      <div className={css.tile}>
        {inside}
        <Pill tone="warn">{t('how-managed-device')}</Pill>
      </div>
    );
  }
  if (!app.launch_url) {
    return (
      <div className={css.tile}>
        {inside}
        <Pill>{t('how-elsewhere')}</Pill>
      </div>
    );
  }
  return (
    <a href={app.launch_url} className={css.tile} target="_blank" rel="noreferrer">
      {inside}
      <ArrowUpRight aria-hidden="true" className={css.go} />
    </a>
  );
}

const TONE = { now: 'ok', step_up: 'warn', managed_device: 'warn', request: 'plain' } as const;

const HOW = {
  now: 'how-now',
  step_up: 'how-step-up',
  managed_device: 'how-managed-device',
  request: 'how-request',
} as const;

function ReachLine({ reach }: { reach: Reach }) {
  const words = useWords();
  const { t } = words;
  const passkey = reach.requirements.some(r => r.kind === 'phishing_resistant');
  return (
    <Line
      actions={
        reach.how === 'now' || reach.how === 'managed_device' ? (
          reach.command && (
            <Command text={reach.command} label={t('command-for', { name: reach.name })} />
          )
        ) : reach.how === 'step_up' ? (
          <Button slim onClick={() => stepUp(passkey)}>
            {t('step-up')}
          </Button>
        ) : (
          <ButtonLink to="/request" search={{ about: reach.name }} slim>
            {t('request-access')}
          </ButtonLink>
        )
      }
    >
      <div className={css.name}>
        <span className="mono">{reach.name}</span>
        <Pill tone={TONE[reach.how]}>{t(HOW[reach.how])}</Pill>
      </div>
      {reach.how !== 'now' && (
        <span className="soft small">
          {t('needs', { list: requirements(words, reach.requirements) })}
        </span>
      )}
    </Line>
  );
}
