/** A table of expectations against the policies in force. */
import { useMutation } from '@tanstack/react-query';
import { CircleCheck, CircleX } from 'lucide-react';
import { useState } from 'react';
import { api, take } from '../../api/client';
import { keepDraft, readDraft } from '../../forms/draft';
import { useWords } from '../../i18n';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/bits';
import { Actions } from '../../ui/Dialog';
import { TextArea } from '../../ui/Field';
import { ProblemNote } from '../../ui/ProblemNote';
import css from './Tests.module.css';

const KEY = 'policy-tests';
const EXAMPLE = `[[expect]]
name = "production needs an approval"
principal = "eve"
action = "session:open"
resource = "deploy@web-1"
factors = ["password", "totp"]
expect = "reason approvals=1"
`;

export function Tests() {
  const { t } = useWords();
  const [v, setV] = useState(() => readDraft(KEY, { table: EXAMPLE }));
  const run = useMutation({
    mutationFn: () => take(api.POST('/api/v1/policies/test', { body: { table: v.table } })),
  });
  const report = run.data;
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
          value={v.table}
          onChange={e => {
            setV({ table: e.target.value });
            keepDraft(KEY, { table: e.target.value }, []);
          }}
        />
        <ProblemNote error={run.error} onRetry={() => run.mutate()} />
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
