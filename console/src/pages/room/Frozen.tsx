/** Nothing passes: who said so, since when, why; and the way on. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Play, Snowflake } from 'lucide-react';
import { useId } from 'react';
import type { SessionDetails } from '../../api/queries';
import { useWords } from '../../i18n';
import { Button } from '../../ui/Button';
import { Time } from '../../ui/bits';
import { ProblemNote } from '../../ui/ProblemNote';
import { say } from '../../ui/toast';
import { mayHere } from './may';
import { renew, thaw } from './orders';
import css from './Room.module.css';

export function useThaw(id: string) {
  const { t } = useWords();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => thaw(id),
    onSuccess: () => say(t('thaw-done')),
    onSettled: () => renew(client),
  });
}

export function Frozen({ session: s }: { session: SessionDetails }) {
  const { t } = useWords();
  const id = useId();
  const run = useThaw(s.id);
  const frozen = s.state === 'live' ? s.frozen : null;
  return (
    <>
      {/* It is there before there is something to say: only then it is read out. */}
      <p className="hide" role="status">
        {frozen && t('frozen-said', { who: frozen.by_name, reason: frozen.reason })}
      </p>
      {frozen && (
        <section className={css.frozen} aria-labelledby={id}>
          <Snowflake aria-hidden="true" />
          <div className={css.frozenText}>
            <p id={id} className={css.frozenTitle}>
              {t('frozen-title')}
            </p>
            <p>
              {t('frozen-by', { who: frozen.by_name })} <Time at={frozen.at} />: {frozen.reason}
            </p>
            <p className={css.frozenNote}>{t('frozen-text')}</p>
          </div>
          {mayHere(s)('session:freeze') && (
            <Button
              icon={<Play />}
              onClick={() => run.mutate()}
              busy={run.isPending}
              aria-keyshortcuts="f"
            >
              {t('thaw')}
            </Button>
          )}
        </section>
      )}
      {run.error && (
        <div className={css.refused}>
          <ProblemNote error={run.error} onRetry={() => run.mutate()} />
        </div>
      )}
    </>
  );
}
