/** Ask for access: to what, why, for how long, and what policy will ask. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { DoorOpen, Siren } from 'lucide-react';
import { api, once, take } from '../../api/client';
import type { Requirement } from '../../api/problem';
import { type OwnApplication, ownApplications, ownTargets, type Reach } from '../../api/queries';
import { useForm } from '../../forms/useForm';
import { useWords } from '../../i18n';
import { duration } from '../../i18n/format';
import { Button, ButtonLink } from '../../ui/Button';
import { Card, Empty, Notice, Page, PageHead, Waiting } from '../../ui/bits';
import { useConfirm } from '../../ui/Confirm';
import { Actions } from '../../ui/Dialog';
import { Choice, SelectField, TextArea } from '../../ui/Field';
import { ProblemNote, requirement } from '../../ui/ProblemNote';
import { say } from '../../ui/toast';
import css from './RequestAccess.module.css';

const LENGTHS = [900, 1800, 3600, 7200, 14_400, 28_800];

interface Open {
  breakGlass: boolean;
  name: string;
  description: string;
  requirements: Requirement[];
}

/** What can be asked for: whatever policy would permit after a request. */
function openOf(targets: Reach[] | undefined, applications: OwnApplication[] | undefined): Open[] {
  return [
    ...(targets ?? [])
      .filter(r => r.how === 'request')
      .map(r => ({
        name: r.name,
        description: r.kind,
        requirements: r.requirements,
        breakGlass: r.break_glass,
      })),
    ...(applications ?? [])
      .filter(a => a.how === 'request')
      .map(a => ({
        name: a.name,
        description: a.title,
        requirements: a.requirements,
        breakGlass: false,
      })),
  ];
}

export default function RequestAccess() {
  const words = useWords();
  const { t } = words;
  const navigate = useNavigate();
  const { about = '' } = useSearch({ strict: false }) as { about?: string };
  const targets = useQuery(ownTargets());
  const applications = useQuery(ownApplications());
  const open = openOf(targets.data?.items, applications.data?.items);
  const asksOf = (name: string) => open.find(r => r.name === name)?.requirements ?? [];
  const mostOf = (name: string) =>
    asksOf(name).find(r => r.kind === 'max_duration')?.seconds ?? Number.POSITIVE_INFINITY;
  const form = useForm({
    key: `request.${about}`,
    initial: { about, reason: '', duration: '3600' },
    send: (v, attempt) =>
      take(
        api.POST('/api/v1/requests', {
          body: {
            about: v.about,
            reason: v.reason.trim(),
            duration_seconds: Math.min(Number(v.duration), mostOf(v.about)),
          },
          params: { header: once(attempt) },
        }),
      ),
    onDone: filed => {
      say(filed.state === 'approved' ? t('request-granted') : t('request-filed'));
      navigate({ to: '/requests/$id', params: { id: filed.id } });
    },
  });
  const asks = asksOf(form.values.about);
  const lengths = LENGTHS.filter(s => s <= mostOf(form.values.about));
  const length = lengths.includes(Number(form.values.duration))
    ? form.values.duration
    : String(lengths.at(-1) ?? 900);
  const listed = form.values.about === '' || open.some(r => r.name === form.values.about);

  if (targets.isPending) {
    return (
      <Page narrow>
        <PageHead title={t('request-title')} />
        <Waiting />
      </Page>
    );
  }
  return (
    <Page narrow>
      <PageHead title={t('request-title')} lead={t('request-lead')} />
      <ProblemNote error={targets.error} onRetry={() => targets.refetch()} />
      {targets.isSuccess && open.length === 0 && listed ? (
        <Empty
          title={t('request-nothing')}
          icon={<DoorOpen />}
          action={<ButtonLink to="/">{t('to-home')}</ButtonLink>}
        >
          {t('request-nothing-next')}
        </Empty>
      ) : (
        <Card>
          <form className={css.form} onSubmit={form.submit}>
            <SelectField label={t('request-about')} required {...form.text('about')}>
              <option value="">{t('choose')}</option>
              {!listed && <option value={form.values.about}>{form.values.about}</option>}
              {open.map(r => (
                <option key={r.name} value={r.name}>
                  {r.description ? `${r.name} · ${r.description}` : r.name}
                </option>
              ))}
            </SelectField>
            <TextArea
              label={t('request-reason')}
              hint={t('request-reason-hint')}
              required={asks.some(r => r.kind === 'reason')}
              maxLength={1000}
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
                <h2>{t('request-asks')}</h2>
                <ul>
                  {asks.map(r => (
                    <li key={r.kind}>{requirement(words, r)}</li>
                  ))}
                </ul>
              </div>
            )}
            <ProblemNote error={form.problem} onRetry={form.submit} />
            <Actions>
              <Button type="submit" kind="primary" busy={form.busy}>
                {t('request-send')}
              </Button>
            </Actions>
          </form>
        </Card>
      )}
      {open.find(r => r.name === form.values.about)?.breakGlass && (
        <Glass about={form.values.about} />
      )}
    </Page>
  );
}

/** Without waiting, loudly. */
function Glass({ about }: { about: string }) {
  const { t } = useWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [dialog, ask] = useConfirm();
  const start = () =>
    ask({
      title: t('glass-title', { name: about }),
      what: <p>{t('glass-what')}</p>,
      undo: t('glass-undo'),
      verb: t('glass-break'),
      reason: 'must',
      run: reason =>
        take(
          api.POST('/api/v1/grants/break-glass', {
            body: { about, reason, duration_seconds: 3600 },
          }),
        ),
      done: t('glass-done', { name: about }),
      after: () => {
        client.invalidateQueries();
        navigate({ to: '/requests' });
      },
    });
  return (
    <Notice
      tone="warn"
      title={t('glass-offer')}
      action={
        <Button kind="danger" slim icon={<Siren />} onClick={start}>
          {t('glass-break')}
        </Button>
      }
    >
      <p>{t('glass-offer-text')}</p>
      {dialog}
    </Notice>
  );
}
