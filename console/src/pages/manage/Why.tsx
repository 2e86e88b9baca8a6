/**
 * Why may somebody do something, or what is missing. The question stands in the
 * address, so that it can be handed on and asked again after a policy changed.
 */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { CircleCheck, CircleX } from 'lucide-react';
import { useState } from 'react';
import { api, take } from '../../api/client';
import { useWords } from '../../i18n';
import type { ListSearch } from '../../list/state';
import { deeds } from '../../policy/deeds';
import { asked, type Question, question, search, WITH } from '../../policy/question';
import { ON } from '../../policy/schema';
import { Button } from '../../ui/Button';
import { Card, Fields, Page, PageHead } from '../../ui/bits';
import { Actions } from '../../ui/Dialog';
import { Checkbox, SelectField, TextField } from '../../ui/Field';
import { Picker } from '../../ui/Picker';
import { ProblemNote, requirement } from '../../ui/ProblemNote';
import { findAccount, findApplication, findIdentity } from '../shared/find';
import css from './Why.module.css';

export default function WhyPage() {
  const { t } = useWords();
  return (
    <Page narrow>
      <PageHead title={t('nav-why')} lead={t('why-lead')} />
      <Why alone />
    </Page>
  );
}

/** `alone` is a page of its own, whose head says already what this is. */
export function Why({ alone }: { alone?: boolean }) {
  const words = useWords();
  const { t } = words;
  const navigate = useNavigate();
  const given = question(useSearch({ strict: false }) as ListSearch);
  const [q, setQ] = useState(given);
  const set = (change: Partial<Question>) => setQ({ ...q, ...change });
  const answer = useQuery({
    queryKey: ['policies', 'why', given],
    queryFn: () => take(api.POST('/api/v1/policies/explain', { body: asked(given) })),
    enabled: given.who !== '',
    retry: false,
  });
  const on = ON.get(q.action) ?? [];
  const house = on.length > 0 && on.every(x => x === 'House' || x === 'Own');
  const number = (name: 'approvals' | 'hours') => ({
    type: 'number',
    min: 0,
    value: String(q[name]),
    onChange: (e: { target: { value: string } }) =>
      set({ [name]: Math.max(0, Math.floor(Number(e.target.value) || 0)) }),
  });
  return (
    <Card title={alone ? undefined : t('why-title')}>
      <form
        className="stack"
        onSubmit={e => {
          e.preventDefault();
          navigate({
            to: '.',
            search: ((old: object) => ({ ...old, ...search(q, house) })) as never,
            replace: true,
          });
          answer.refetch();
        }}
      >
        <Picker
          label={t('why-who')}
          value={q.who}
          onChange={who => set({ who })}
          find={findIdentity}
          required
        />
        <Fields>
          <SelectField
            label={t('why-action')}
            value={q.action}
            onChange={e => set({ action: e.target.value })}
          >
            {deeds(words).map(g => (
              <optgroup key={g.subject} label={t(`deeds-${g.subject}`)}>
                {g.actions.map(({ action, text }) => (
                  <option key={action} value={action}>{`${text} (${action})`}</option>
                ))}
              </optgroup>
            ))}
          </SelectField>
          {on.includes('Account') || on.includes('Application') ? (
            <Picker
              key={on.join()}
              label={t('why-on')}
              value={q.on}
              onChange={v => set({ on: v })}
              find={on.includes('Account') ? findAccount : findApplication}
              placeholder={on.includes('Account') ? 'deploy@web-1' : ''}
            />
          ) : (
            !house && (
              <TextField
                label={t('why-on')}
                mono
                value={q.on}
                onChange={e => set({ on: e.target.value })}
              />
            )
          )}
        </Fields>
        <fieldset className={css.ticks}>
          <legend>{t('why-with')}</legend>
          {WITH.map(name => (
            <Checkbox
              key={name}
              label={t(`why-with-${name}`)}
              checked={q.with.includes(name)}
              onChange={e =>
                set({
                  with: WITH.filter(x => (x === name ? e.target.checked : q.with.includes(x))),
                })
              }
            />
          ))}
        </fieldset>
        <Fields>
          <TextField label={t('builder-approvals')} {...number('approvals')} />
          <TextField label={t('why-hours')} hint={t('why-hours-hint')} {...number('hours')} />
        </Fields>
        <ProblemNote error={answer.error} onRetry={() => answer.refetch()} />
        <Actions>
          <Button type="submit" kind={alone ? 'primary' : 'quiet'} busy={answer.isFetching}>
            {t('why-ask')}
          </Button>
        </Actions>
      </form>
      {answer.data && <Answer of={answer.data} />}
    </Card>
  );
}

type Answered = Awaited<ReturnType<typeof ask>>;
const ask = () => take(api.POST('/api/v1/policies/explain', { body: asked(question({})) }));

function Answer({ of: answer }: { of: Answered }) {
  const words = useWords();
  const { t } = words;
  const yes = answer.decision === 'permit';
  return (
    <div className={css.answer} data-yes={yes || undefined} role="status">
      <p className={css.word}>
        {yes ? <CircleCheck aria-hidden="true" /> : <CircleX aria-hidden="true" />}
        {yes ? t('why-yes') : answer.requirements.length > 0 ? t('why-not-yet') : t('why-no')}
      </p>
      {answer.requirements.length > 0 && (
        <ul>
          {answer.requirements.map(r => (
            <li key={r.kind}>{requirement(words, r)}</li>
          ))}
        </ul>
      )}
      {answer.policies.length > 0 && (
        <p className="small">
          {words.rich('why-policies', { names: <PolicyLinks names={answer.policies} /> })}
        </p>
      )}
    </div>
  );
}

/** Policies by name, each with its page. */
export function PolicyLinks({ names }: { names: readonly string[] }) {
  return (
    <>
      {names.map((name, i) => (
        <span key={name}>
          {i > 0 && ', '}
          {/* `hosts#2` is the second statement of `hosts`. */}
          <Link to="/manage/policies/$name" params={{ name: name.replace(/#\d+$/, '') }}>
            {name}
          </Link>
        </span>
      ))}
    </>
  );
}
