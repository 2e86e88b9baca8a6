/** A table of expectations against the policies in force. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleX } from 'lucide-react';
import { useState } from 'react';
import { api, take } from '../../api/client';
import { problemOf } from '../../api/problem';
import { session } from '../../api/queries';
import { keepDraft, readDraft } from '../../forms/draft';
import { useWords, type Words } from '../../i18n';
import { example, type TableProblem, tableProblem } from '../../policy/expectations';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/bits';
import { Actions } from '../../ui/Dialog';
import { TextArea } from '../../ui/Field';
import { ProblemNote } from '../../ui/ProblemNote';
import css from './Tests.module.css';

const KEY = 'policy-tests';

/** Where a table does not read, and why. */
function where(t: Words['t'], p: TableProblem): string {
  if (p.line !== undefined)
    return `${t('policy-line', { line: p.line, column: p.column ?? 1 })} ${p.message}`;
  return p.row === undefined ? p.message : `${t('tests-row', { n: p.row })}: ${p.message}`;
}

export function Tests() {
  const { t } = useWords();
  const me = useQuery(session()).data?.name ?? '';
  const [typed, setTyped] = useState(() => readDraft(KEY, { table: '' }).table || undefined);
  const table =
    typed ?? example(me, { mine: t('tests-example-mine'), prod: t('tests-example-prod') });
  const run = useMutation({
    mutationFn: () => take(api.POST('/api/v1/policies/test', { body: { table } })),
  });
  const report = run.data;
  const problem = problemOf(run.error);
  const wrong = problem?.field === 'table' ? tableProblem(problem.detail) : undefined;
  return (
    <Card title={t('tests-title')}>
      <form
        className="stack"
        onSubmit={e => {
          e.preventDefault();
          run.mutate();
        }}
      >
        <TextArea
          label={t('tests-table')}
          hint={t('tests-hint')}
          mono
          rows={8}
          value={table}
          error={wrong && where(t, wrong)}
          onChange={e => {
            run.reset();
            setTyped(e.target.value);
            keepDraft(KEY, { table: e.target.value }, []);
          }}
        />
        {!wrong && <ProblemNote error={run.error} onRetry={() => run.mutate()} />}
        <Actions>
          <Button type="submit" busy={run.isPending}>
            {t('tests-run')}
          </Button>
        </Actions>
      </form>
      {report && (
        <div role="status">
          <p className={css.sum}>{report.holds ? t('tests-hold') : t('tests-fail')}</p>
          <ul className={css.rows}>
            {report.results.map((r, i) => (
              <li key={i} data-holds={r.holds || undefined}>
                {r.holds ? (
                  <CircleCheck aria-label={t('tests-holds')} />
                ) : (
                  <CircleX aria-label={t('tests-fails')} />
                )}
                <span>
                  <strong>{r.name || t('tests-row', { n: i + 1 })}</strong>
                  {!r.holds && (
                    <span className={css.found}>
                      {t('tests-found', { expected: r.expected, found: r.found })}
                    </span>
                  )}
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Card>
  );
}
