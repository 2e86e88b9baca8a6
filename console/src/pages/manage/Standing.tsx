/** How much privilege stands and stood: a picture, and the table of it beside. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { api, take } from '../../api/client';
import { useMay } from '../../app/may';
import { useWords } from '../../i18n';
import { moment, region } from '../../i18n/format';
import { Bars } from '../../ui/Bars';
import { Card, Notice, Time, Waiting } from '../../ui/bits';
import { ProblemNote } from '../../ui/ProblemNote';
import css from './Standing.module.css';
import { type AccessDay, change, DAYS, type Drawn, drawn, led } from './standing';

/** To the access list: what stands now. */
function Stands({ kind, children }: { kind?: 'person' | 'workload'; children: ReactNode }) {
  const search = { 'f.standing': 'true', 'f.what_kind': 'Account', 'f.who_kind': kind };
  return (
    <Link to="/manage/map" search={search as never}>
      {children}
    </Link>
  );
}

export function Standing() {
  const words = useWords();
  const { t, lang } = words;
  const may = useMay();
  const allowed = may('access:read');
  const found = useQuery({
    queryKey: ['access', 'history'],
    queryFn: () => take(api.GET('/api/v1/access/history', { params: { query: { limit: DAYS } } })),
    enabled: allowed,
  });
  if (!allowed) return null;
  const days = drawn(found.data?.items ?? []);
  const newest = days.at(-1)?.measured;
  const moved = change(days);
  const number = (n: number) => n.toLocaleString(lang);
  const short = new Intl.DateTimeFormat(region(lang), {
    day: 'numeric',
    month: 'numeric',
    timeZone: 'UTC',
  });
  const whole = new Intl.DateTimeFormat(region(lang), { dateStyle: 'full', timeZone: 'UTC' });
  const said = (key: string, d: AccessDay | undefined) => {
    const day = whole.format(new Date(key));
    return d
      ? t('standing-day', { day, pairs: d.pairs, granted: d.granted_pairs })
      : t('standing-gap', { day });
  };
  return (
    <Card
      title={t('standing-title')}
      actions={
        newest && (
          <span className="small soft">
            {t('standing-measured')} <Time at={newest.measured_at} />
          </span>
        )
      }
    >
      {found.isPending && <Waiting />}
      <ProblemNote error={found.error} onRetry={() => found.refetch()} />
      {found.isSuccess && !newest && <p className="soft">{t('standing-none')}</p>}
      {newest && (
        <>
          {!newest.complete && <Notice tone="warn" title={t('standing-cut')} />}
          <p>
            <Stands>
              {t('standing-now', { people: newest.people, accounts: newest.accounts })}
            </Stands>
            {moved !== undefined && moved !== 0 && (
              <span className="soft">
                {' '}
                {moved > 0
                  ? t('standing-more', { n: moved, days: days.length })
                  : t('standing-less', { n: -moved, days: days.length })}
              </span>
            )}
          </p>
          <div className={css.two}>
            <div className={css.picture}>
              <Bars
                label={t('standing-title')}
                bars={days.map(({ key, measured }) => ({
                  key,
                  label: short.format(new Date(key)),
                  value: measured?.pairs ?? 0,
                  more: measured?.granted_pairs ?? 0,
                  text: said(key, measured),
                }))}
              />
              <p className={css.legend}>
                <span className={css.stands}>{t('standing-pairs')}</span>
                <span className={css.granted}>{t('standing-granted')}</span>
              </p>
            </div>
            <section className={css.table} tabIndex={0} aria-label={t('standing-table')}>
              <table>
                <caption>
                  {t('standing-as-of', { at: moment(lang, new Date(newest.measured_at)) })}
                </caption>
                <thead>
                  <tr>
                    <th scope="col">{t('standing-date')}</th>
                    <th scope="col">{t('nav-people')}</th>
                    <th scope="col">{t('nav-workloads')}</th>
                    <th scope="col">{t('standing-accounts')}</th>
                    <th scope="col">{t('standing-pairs')}</th>
                    <th scope="col">{t('standing-granted')}</th>
                    <th scope="col">{t('break-glass')}</th>
                  </tr>
                </thead>
                <tbody>
                  {[...days].reverse().map(({ key, measured: d }) => (
                    <tr key={key}>
                      <th scope="row">{short.format(new Date(key))}</th>
                      {d === undefined ? (
                        <td colSpan={6} className="soft">
                          {t('standing-unmeasured')}
                        </td>
                      ) : d === newest ? (
                        <>
                          <td>
                            <Stands kind="person">{number(d.people)}</Stands>
                          </td>
                          <td>
                            <Stands kind="workload">{number(d.workloads)}</Stands>
                          </td>
                          <td>
                            <Stands>{number(d.accounts)}</Stands>
                          </td>
                          <td>
                            <Stands>{number(d.pairs)}</Stands>
                          </td>
                          <td>
                            <Granted>{number(d.granted_pairs)}</Granted>
                          </td>
                          <td>
                            <Granted glass>{number(d.broken_glass_pairs)}</Granted>
                          </td>
                        </>
                      ) : (
                        <Past days={days} day={d} number={number} />
                      )}
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
          </div>
          <p className="small soft">{t('standing-text')}</p>
        </>
      )}
    </Card>
  );
}

/**
 * The numbers of a day that is over. Who reached what then is not kept: they lead to
 * what changed it, for those who may read that, and to the grants of that moment.
 */
function Past({
  days,
  day: d,
  number,
}: {
  days: readonly Drawn[];
  day: AccessDay;
  number: (n: number) => string;
}) {
  const log = useMay()('audit:read');
  const { changes, granted } = led(days, d);
  const changed = (n: number) =>
    log ? (
      <Link to="/manage/audit" search={changes as never}>
        {number(n)}
      </Link>
    ) : (
      number(n)
    );
  return (
    <>
      <td>{changed(d.people)}</td>
      <td>{changed(d.workloads)}</td>
      <td>{changed(d.accounts)}</td>
      <td>{changed(d.pairs)}</td>
      <td>
        <Link to="/manage/requests" search={granted as never}>
          {number(d.granted_pairs)}
        </Link>
      </td>
      <td>
        <Link to="/manage/requests" search={{ ...granted, 'f.break_glass': 'true' } as never}>
          {number(d.broken_glass_pairs)}
        </Link>
      </td>
    </>
  );
}

/** To the grants in force. */
function Granted({ glass, children }: { glass?: boolean; children: ReactNode }) {
  const search = { tab: 'grants', 'f.state': 'live', 'f.break_glass': glass ? 'true' : undefined };
  return (
    <Link to="/manage/requests" search={search as never}>
      {children}
    </Link>
  );
}
