/** One policy: its text, checked as one types; tests; why somebody may. */
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Check, Power } from 'lucide-react';
import { useDeferredValue, useEffect, useState } from 'react';
import { api, ifMatch, type Schemas, take } from '../../api/client';
import { dropDraft, keepDraft, readDraft } from '../../forms/draft';
import { Steady } from '../../forms/Steady';
import { useForm } from '../../forms/useForm';
import { useWords } from '../../i18n';
import { Builder } from '../../policy/Builder';
import { compose, EMPTY, type Parts } from '../../policy/compose';
import { Editor } from '../../policy/Editor';
import { Button } from '../../ui/Button';
import { Card, Page, PageHead, Pill } from '../../ui/bits';
import { Act } from '../../ui/Confirm';
import { Actions } from '../../ui/Dialog';
import { Choice, TextField } from '../../ui/Field';
import { ProblemNote } from '../../ui/ProblemNote';
import { say } from '../../ui/toast';
import { DangerZone, Detail, type ListOf, useAgain } from '../shared/Detail';
import { NEW } from './Policies';
import css from './Policy.module.css';
import { Tests } from './Tests';
import { Why } from './Why';

/** Where what was chosen for a new policy is kept. */
const PARTS = 'policy.parts';
const HOW = 'policy.how';

export default function Policy() {
  const { t } = useWords();
  const { name = '' } = useParams({ strict: false });
  const fresh = name === NEW;
  const again = useAgain('policies');
  const found = useQuery({
    queryKey: ['policies', name],
    queryFn: () => take(api.GET('/api/v1/policies/{name}', { params: { path: { name } } })),
    enabled: !fresh,
  });
  const list: ListOf = { to: '/manage/policies', label: t('nav-policies') };
  if (fresh) {
    return (
      <Page full>
        <PageHead above={<Link to={list.to}>{list.label}</Link>} title={t('add-policy')} />
        <Columns policy={undefined} />
      </Page>
    );
  }
  return (
    <Detail
      found={found}
      name={name}
      list={list}
      full
      head={p => ({
        lead: p.description,
        state: p.enabled ? (
          <Pill tone="ok">{t('in-force')}</Pill>
        ) : (
          <Pill>{t('not-in-force')}</Pill>
        ),
        actions: (
          <Act
            name="switch"
            icon={<Power />}
            ask={{
              title: t(p.enabled ? 'policy-disable-title' : 'policy-enable-title', {
                name: p.name,
              }),
              what: <p>{t(p.enabled ? 'policy-disable-what' : 'policy-enable-what')}</p>,
              undo: t('policy-switch-undo'),
              verb: t(p.enabled ? 'policy-disable' : 'policy-enable'),
              mild: !p.enabled,
              run: () => {
                const path = { params: { path: { name: p.name } } };
                return take(
                  p.enabled
                    ? api.POST('/api/v1/policies/{name}/disable', path)
                    : api.POST('/api/v1/policies/{name}/enable', path),
                );
              },
              done: t('saved'),
              after: again,
            }}
          />
        ),
      })}
    >
      {p => (
        <>
          <Columns policy={p} />
          <DangerZone
            name={p.name}
            what={t('delete-policy-what')}
            undo={t('delete-policy-undo')}
            run={() =>
              take(api.DELETE('/api/v1/policies/{name}', { params: { path: { name: p.name } } }))
            }
            again={again}
            list={list}
          />
        </>
      )}
    </Detail>
  );
}

function Columns({ policy: p }: { policy: Schemas['Policy'] | undefined }) {
  return (
    <div className={css.columns}>
      {p ? (
        <Steady of={p}>{now => <Write policy={now} />}</Steady>
      ) : (
        <Write key={NEW} policy={undefined} />
      )}
      <div className="stack">
        <Why />
        <Tests />
      </div>
    </div>
  );
}

/** What is wrong with a text, when typing pauses. */
function useCheck(text: string): {
  problems: Schemas['PolicyProblem'][];
  busy: boolean;
  valid: boolean;
} {
  const [asked, setAsked] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text), 350);
    return () => clearTimeout(timer);
  }, [text]);
  const wanted = useDeferredValue(asked);
  const found = useQuery({
    queryKey: ['policy-check', wanted],
    queryFn: () => take(api.POST('/api/v1/policies/check', { body: { text: wanted } })),
    enabled: wanted.trim() !== '',
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  });
  return {
    problems: wanted.trim() === '' ? [] : (found.data?.problems ?? []),
    busy: found.isFetching || asked !== text,
    valid: found.data?.valid === true,
  };
}

function Write({ policy: p }: { policy: Schemas['Policy'] | undefined }) {
  const { t } = useWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [how, setHow] = useState(() => readDraft(HOW, { mode: p ? 'text' : 'form' }));
  const mode = p || how.mode === 'text' ? 'text' : 'form';
  const setMode = (next: 'text' | 'form') => {
    setHow({ mode: next });
    keepDraft(HOW, { mode: next }, []);
  };
  const [parts, setParts] = useState<Parts>(() => readDraft(PARTS, EMPTY));
  const form = useForm({
    key: p ? `policy.${p.id}.${p.version}` : 'policy',
    initial: {
      name: p?.name ?? '',
      description: p?.description ?? '',
      text: p?.text ?? compose(EMPTY),
    },
    send: v =>
      take(
        api.PUT('/api/v1/policies/{name}', {
          params: { path: { name: v.name.trim() }, ...(p ? { header: ifMatch(p.version) } : {}) },
          body: { text: v.text, description: v.description.trim() },
        }),
      ),
    onDone: now => {
      say(t('policy-saved'));
      dropDraft(PARTS);
      dropDraft(HOW);
      client.invalidateQueries({ queryKey: ['policies'] });
      if (!p) navigate({ to: '/manage/policies/$name', params: { name: now.name }, replace: true });
    },
  });
  const check = useCheck(form.values.text);
  const refused = form.problem?.problems;
  return (
    <Card title={t('policy-text')}>
      <form className="stack" onSubmit={form.submit}>
        {!p && (
          <>
            <TextField label={t('column-name')} required mono {...form.text('name')} />
            <Choice
              legend={t('policy-how')}
              name="mode"
              value={mode}
              onChange={setMode}
              options={[
                { value: 'form', label: t('policy-by-form'), hint: t('policy-by-form-hint') },
                { value: 'text', label: t('policy-by-text'), hint: t('policy-by-text-hint') },
              ]}
            />
          </>
        )}
        <TextField
          label={t('column-description')}
          hint={t('policy-description-hint')}
          {...form.text('description')}
        />
        {mode === 'form' && (
          <Builder
            parts={parts}
            onChange={next => {
              setParts(next);
              keepDraft(PARTS, next, []);
              form.set('text', compose(next));
            }}
          />
        )}
        <div>
          <p className={css.label}>{t('policy-text')}</p>
          <Editor
            value={form.values.text}
            onChange={text => text !== form.values.text && form.set('text', text)}
            problems={check.problems}
            label={t('policy-text')}
          />
        </div>
        <div role="status" className={css.check}>
          {check.problems.length > 0 ? (
            <ul>
              {check.problems.map((x, i) => (
                <li key={i}>
                  <strong>{t('policy-line', { line: x.line, column: x.column })}</strong>{' '}
                  {x.message}
                  {x.help && <span className="soft"> {x.help}</span>}
                </li>
              ))}
            </ul>
          ) : (
            check.valid &&
            !check.busy && (
              <span className={css.fine}>
                <Check size={16} aria-hidden="true" /> {t('policy-valid')}
              </span>
            )
          )}
        </div>
        <ProblemNote
          error={
            refused && refused.length > 0 && check.problems.length > 0 ? undefined : form.problem
          }
          onRetry={form.submit}
        />
        <Actions>
          {form.changed && p && <Button onClick={form.reset}>{t('discard')}</Button>}
          <Button
            type="submit"
            kind="primary"
            busy={form.busy}
            disabled={check.problems.length > 0 || (p !== undefined && !form.changed)}
          >
            {p ? t('policy-save') : t('add-policy')}
          </Button>
        </Actions>
      </form>
    </Card>
  );
}
