/** Ask for access: to what, why, for how long, and what policy will ask. */
import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { DoorOpen, Search, Siren } from 'lucide-react';
import { api, once, take } from '../../api/client';
import type { Requirement } from '../../api/problem';
import type { OwnApplication, Reach } from '../../api/queries';
import { dropDraft, readDraft } from '../../forms/draft';
import { useForm } from '../../forms/useForm';
import { useWords } from '../../i18n';
import { duration } from '../../i18n/format';
import { SearchBox } from '../../list/Bar';
import type { ListSearch } from '../../list/state';
import { Button, ButtonLink } from '../../ui/Button';
import { Card, Empty, Line, Lines, Notice, Page, PageHead, Row, Waiting } from '../../ui/bits';
import { Act } from '../../ui/Confirm';
import { Actions } from '../../ui/Dialog';
import { Choice, TextArea } from '../../ui/Field';
import { ProblemNote, requirement, requirements } from '../../ui/ProblemNote';
import { say } from '../../ui/toast';
import { useOwnApplications, useOwnTargets } from './own';
import css from './RequestAccess.module.css';

/** The longest reason that the server takes, in characters. */
const LONGEST = 500;

const LENGTHS = [900, 1800, 3600, 7200, 14_400, 28_800];

const draftOf = (about: string) => `request.${about}`;

interface Open {
  breakGlass: boolean;
  name: string;
  description: string;
  requirements: Requirement[];
}

/** What can be asked for: whatever policy would permit after a request. */
function openOf(targets: Reach[] | undefined, applications: OwnApplication[] | undefined): Open[] {
  return [
    ...(targets ?? []).map(r => ({
      name: r.name,
      description: r.kind,
      requirements: r.requirements,
      breakGlass: r.break_glass,
    })),
    ...(applications ?? []).map(a => ({
      name: a.name,
      description: a.title,
      requirements: a.requirements,
      breakGlass: false,
    })),
  ];
}

export default function RequestAccess() {
  const { t } = useWords();
  const { about = '', q = '' } = useSearch({ strict: false }) as ListSearch;
  const targets = useOwnTargets(about || q, 'request');
  const applications = useOwnApplications(about || q, 'request');
  const open = openOf(targets.items, applications.items);
  const more = [applications, targets].find(own => own.more);
  const waits =
    targets.isPending || applications.isPending || (open.length === 0 && more !== undefined);
  return (
    <Page narrow>
      <PageHead
        title={t('request-title')}
        lead={t('request-lead')}
        above={about && <Link to="/request">{t('request-catalogue')}</Link>}
      />
      <ProblemNote error={targets.error} onRetry={() => targets.refetch()} />
      <ProblemNote error={applications.error} onRetry={() => applications.refetch()} />
      {waits ? (
        <Waiting />
      ) : about === '' ? (
        <>
          <Catalogue open={open} />
          {more && (
            <Button kind="bare" busy={more.busy} onClick={() => more.next()}>
              {t('request-more')}
            </Button>
          )}
        </>
      ) : (
        <>
          <Ask key={about} about={about} found={open.find(r => r.name === about)} />
          {open.find(r => r.name === about)?.breakGlass && <Glass about={about} />}
        </>
      )}
    </Page>
  );
}

/** Everything that can be asked for, with what policy will ask in turn. */
function Catalogue({ open }: { open: Open[] }) {
  const words = useWords();
  const { t } = words;
  const navigate = useNavigate();
  const { q = '' } = useSearch({ strict: false }) as ListSearch;
  if (open.length === 0 && q === '') {
    return (
      <Empty
        title={t('request-nothing')}
        icon={<DoorOpen />}
        action={<ButtonLink to="/">{t('to-home')}</ButtonLink>}
      >
        {t('request-nothing-next')}
      </Empty>
    );
  }
  return (
    <>
      <Row>
        <SearchBox
          value={q}
          label={t('request-search')}
          onChange={text =>
            navigate({ to: '.', search: { q: text || undefined } as never, replace: true })
          }
        />
      </Row>
      {open.length === 0 ? (
        <Empty title={t('list-none-found')} icon={<Search />}>
          {t('list-none-found-next')}
        </Empty>
      ) : (
        <Card title={t('request-catalogue-count', { count: open.length })} flush>
          <Lines>
            {open.map(r => (
              <Line
                key={r.name}
                actions={
                  <ButtonLink to="/request" search={{ about: r.name } as never} slim>
                    {t('request-access')}
                    <span className="hide"> {r.name}</span>
                  </ButtonLink>
                }
              >
                <span>
                  <strong className="mono">{r.name}</strong>{' '}
                  <span className="soft small">{r.description}</span>
                </span>
                <span className="soft small">
                  {t('needs', { list: requirements(words, r.requirements) })}
                </span>
              </Line>
            ))}
          </Lines>
        </Card>
      )}
    </>
  );
}

function Ask({ about, found }: { about: string; found: Open | undefined }) {
  const words = useWords();
  const { t } = words;
  const navigate = useNavigate();
  const asks = found?.requirements ?? [];
  const most = asks.find(r => r.kind === 'max_duration')?.seconds ?? Number.POSITIVE_INFINITY;
  const form = useForm({
    key: draftOf(about),
    initial: { reason: '', duration: '3600' },
    send: (v, attempt) =>
      take(
        api.POST('/api/v1/requests', {
          body: {
            about,
            reason: v.reason.trim(),
            duration_seconds: Math.min(Number(v.duration), most),
          },
          params: { header: once(attempt) },
        }),
      ),
    onDone: filed => {
      say(filed.state === 'approved' ? t('request-granted') : t('request-filed'));
      navigate({ to: '/requests/$id', params: { id: filed.id } });
    },
  });
  const lengths = LENGTHS.filter(s => s <= most);
  const length = lengths.includes(Number(form.values.duration))
    ? form.values.duration
    : String(lengths.at(-1) ?? 900);
  return (
    <Card
      title={
        <>
          <span className="mono">{about}</span>
          {found?.description && <span className="soft small"> {found.description}</span>}
        </>
      }
    >
      <form className={css.form} onSubmit={form.submit}>
        <TextArea
          label={t('request-reason')}
          hint={t('request-reason-hint')}
          required={asks.some(r => r.kind === 'reason')}
          most={LONGEST}
          {...form.text('reason')}
        />
        <Choice
          legend={t('request-duration')}
          name="duration"
          value={length}
          options={lengths.map(s => ({ value: String(s), label: duration(words, s) }))}
          onChange={v => form.set('duration', v)}
        />
        {asks.length > 0 && (
          <div className={css.asks}>
            <h3>{t('request-asks')}</h3>
            <ul>
              {asks.map(r => (
                <li key={r.kind}>{requirement(words, r)}</li>
              ))}
            </ul>
          </div>
        )}
        <ProblemNote error={form.problem} onRetry={form.submit} sends />
        <Actions>
          <Button type="submit" kind="primary" busy={form.busy}>
            {t('request-send')}
          </Button>
        </Actions>
      </form>
    </Card>
  );
}

/** Without waiting, loudly. */
function Glass({ about }: { about: string }) {
  const { t } = useWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  return (
    <Notice
      tone="warn"
      title={t('glass-offer')}
      action={
        <Act
          name="glass"
          kind="danger"
          slim
          icon={<Siren />}
          ask={{
            title: t('glass-title', { name: about }),
            what: <p>{t('glass-what')}</p>,
            undo: t('glass-undo'),
            verb: t('glass-break'),
            reason: 'must',
            begun: readDraft(draftOf(about), { reason: '' }).reason,
            run: reason =>
              take(
                api.POST('/api/v1/grants/break-glass', {
                  body: { about, reason, duration_seconds: 3600 },
                }),
              ),
            done: t('glass-done', { name: about }),
            after: () => {
              dropDraft(draftOf(about));
              client.invalidateQueries();
              navigate({ to: '/requests' });
            },
          }}
        />
      }
    >
      <p>{t('glass-offer-text')}</p>
    </Notice>
  );
}
