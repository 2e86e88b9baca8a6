/** One policy: its text, checked as one types; tests; why somebody may. */
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Check, Power } from 'lucide-react';
import { useDeferredValue, useEffect, useState } from 'react';
import { api, ifMatch, type Schemas, take } from '../../api/client';
import { permissions } from '../../app/may';
import { dropDraft, keepDraft, readDraft } from '../../forms/draft';
import { Steady } from '../../forms/Steady';
import { useForm } from '../../forms/useForm';
import { useWords } from '../../i18n';
import { Builder } from '../../policy/Builder';
import { Consequence, useRight } from '../../policy/Consequence';
import { compose, EMPTY, missing, type Parts } from '../../policy/compose';
import { Editor } from '../../policy/Editor';
import { cost } from '../../policy/says';
import { Button } from '../../ui/Button';
import { Card, Notice, Page, PageHead, Pill, Waiting } from '../../ui/bits';
import { Act, useConfirm } from '../../ui/Confirm';
import { Actions } from '../../ui/Dialog';
import { Choice, TextField } from '../../ui/Field';
import { ProblemNote } from '../../ui/ProblemNote';
import { say } from '../../ui/toast';
import { DangerZone, Detail, type ListOf, useAgain } from '../shared/Detail';
import { useDeeds } from '../shared/deeds';
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
  const may = useDeeds()('policy:write');
  const asked = useQuery(permissions());
  const right = useRight();
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
        {may ? (
          <Columns policy={undefined} />
        ) : asked.isPending ? (
          <Waiting />
        ) : (
          <Notice tone="warn" title={t('problem-not-permitted')}>
            {t('problem-not-permitted-ever')}
          </Notice>
        )}
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
        actions: may && (
          <Act
            name="switch"
            icon={<Power />}
            ask={{
              title: t(p.enabled ? 'policy-disable-title' : 'policy-enable-title', {
                name: p.name,
              }),
              what: (
                <Consequence
                  name={p.name}
                  before={p.enabled ? p.text : ''}
                  after={p.enabled ? '' : p.text}
                  right={right}
                />
              ),
              undo: t('policy-switch-undo'),
              verb: t(p.enabled ? 'policy-disable' : 'policy-enable'),
              mild: !p.enabled && cost(p.name, '', p.text, right) === undefined,
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
            action="policy:write"
            name={p.name}
            what={t('delete-policy-what')}
            warning={
              p.enabled &&
              cost(p.name, p.text, '', right) && (
                <Notice tone="bad" title={t('policy-cost-loses')}>
                  {t('policy-cost-loses-text')}
                </Notice>
              )
            }
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
  const { t } = useWords();
  const may = useDeeds()('policy:write');
  return (
    <div className={css.columns}>
      {p && !may ? (
        <Card title={t('policy-text')}>
          <Editor
            value={p.text}
            onChange={() => {}}
            problems={[]}
            label={t('policy-text')}
            readOnly
          />
        </Card>
      ) : p ? (
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
  const [dialog, ask] = useConfirm();
  const right = useRight();
  const check = useCheck(form.values.text);
  const before = p?.enabled ? p.text : '';
  const after = form.values.text;
  // The form sends it, and says what came of it: at its fields, or beside its button.
  const question = () =>
    ask({
      title: t(p ? 'policy-force-save-title' : 'policy-enable-title', {
        name: form.values.name.trim(),
      }),
      what: (
        <Consequence name={form.values.name.trim()} before={before} after={after} right={right} />
      ),
      undo: t(p ? 'policy-force-undo' : 'policy-force-new-undo'),
      verb: t(p ? 'policy-force-save' : 'policy-enable'),
      mild: cost(form.values.name.trim(), before, after, right) === undefined,
      run: async () => form.submit(),
    });
  const refused = form.problem?.problems;
  const gaps = mode === 'form' && !p ? missing(parts) : [];
  const ready =
    gaps.length === 0 && check.problems.length === 0 && (p === undefined || form.changed);
  return (
    <Card title={t('policy-text')}>
      {dialog}
      <form
        className="stack"
        onSubmit={e => {
          e.preventDefault();
          if (ready) question();
        }}
      >
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
          {gaps.length > 0 ? (
            <ul>
              {gaps.map(g => (
                <li key={g}>{t(`builder-missing-${g}`)}</li>
              ))}
            </ul>
          ) : check.problems.length > 0 ? (
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
          <Button type="submit" kind="primary" busy={form.busy} disabled={!ready}>
            {p ? t('policy-save') : t('add-policy')}
          </Button>
        </Actions>
      </form>
    </Card>
  );
}
