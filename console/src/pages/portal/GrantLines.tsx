/** Grants in force, with the time that is left and the way to give them back. */
import { api, take } from '../../api/client';
import type { Grant } from '../../api/queries';
import { useWords } from '../../i18n';
import { clock, dayAndTime } from '../../i18n/format';
import { Command, Line, Lines, Pill, useNow } from '../../ui/bits';
import { Act } from '../../ui/Confirm';
import { useAgain } from '../shared/Detail';
import css from './GrantLines.module.css';
import { useCommand } from './own';

export function Left({ from, until }: { from: string; until: string }) {
  const { t, lang } = useWords();
  const now = useNow(1);
  const end = new Date(until);
  const left = Math.max(0, (end.getTime() - now) / 1000);
  const whole = Math.max(1, (end.getTime() - new Date(from).getTime()) / 1000);
  return (
    <span className={css.left} title={dayAndTime(lang, end)}>
      <span className="num">
        {left > 0 ? t('time-left', { time: clock(left) }) : t('time-over')}
      </span>
      <span className={css.bar} aria-hidden="true">
        <span
          style={{ width: `${Math.min(100, (left / whole) * 100)}%` }}
          data-short={left < 300 || undefined}
        />
      </span>
    </span>
  );
}

function CommandOf({ name }: { name: string }) {
  const { t } = useWords();
  const command = useCommand(name);
  return command ? <Command text={command} label={t('command-for', { name })} /> : null;
}

export function GrantLines({ grants }: { grants: Grant[] }) {
  const { t } = useWords();
  const again = useAgain('grants', 'own-targets');
  return (
    <Lines>
      {grants.map(g => {
        return (
          <Line
            key={g.id}
            actions={
              <>
                {g.about.kind === 'Account' && <CommandOf name={g.about_name} />}
                <Act
                  name={`return:${g.id}`}
                  slim
                  hidden={g.about_name}
                  ask={{
                    title: t('return-title', { name: g.about_name }),
                    what: <p>{t('return-what')}</p>,
                    undo: t('return-undo'),
                    verb: t('return'),
                    mild: true,
                    run: () =>
                      take(
                        api.POST('/api/v1/grants/{id}/return', {
                          params: { path: { id: g.id } },
                        }),
                      ),
                    done: t('return-done', { name: g.about_name }),
                    after: again,
                  }}
                />
              </>
            }
          >
            <span className={css.name}>
              <span className="mono">{g.about_name}</span>
              {g.break_glass && <Pill tone="bad">{t('break-glass')}</Pill>}
            </span>
            <Left from={g.starts_at} until={g.ends_at} />
            {g.reason && <span className="soft small">{g.reason}</span>}
          </Line>
        );
      })}
    </Lines>
  );
}
