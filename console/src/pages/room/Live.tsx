/** A session as it happens. */
import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { stream } from '../../api/client';
import type { PrivilegedSession } from '../../api/queries';
import { session as ownSession } from '../../api/queries';
import { useWords } from '../../i18n';
import { Lines, Reader } from '../../terminal/cast';
import type { Screen } from '../../terminal/screen';
import { TerminalView } from '../../terminal/TerminalView';
import { ButtonLink } from '../../ui/Button';
import { Notice } from '../../ui/bits';
import { ProblemNote } from '../../ui/ProblemNote';
import { useNew } from '../../ui/useNew';
import { Frozen, useThaw } from './Frozen';
import css from './Room.module.css';
import { Side } from './Side';
import { Write } from './Write';

const SIZE = { cols: 80, rows: 24 };

export function Live({ session: s, onOver }: { session: PrivilegedSession; onOver: () => void }) {
  const { t } = useWords();
  const screen = useRef<Screen>(undefined);
  const [error, setError] = useState<unknown>();
  const [over, setOver] = useState(false);
  const [turn, setTurn] = useState(0);
  const told = useRef(onOver);
  told.current = onOver;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` begins anew
  useEffect(() => {
    const stop = new AbortController();
    const reader = new Reader();
    const lines = new Lines();
    const show = (all: string[]) => {
      const had = reader.header !== undefined;
      const events = all.flatMap(l => reader.line(l) ?? []);
      if (!had && reader.header) screen.current?.reset(reader.header.size);
      if (events.length > 0) screen.current?.show(events);
    };
    const follow = async () => {
      try {
        const response = await stream(`/api/v1/privileged-sessions/${s.id}/watch`, stop.signal);
        setError(undefined);
        const source = response.body?.getReader();
        for (;;) {
          const next = await source?.read();
          if (!next || next.done) break;
          show(lines.push(next.value));
        }
        show(lines.end());
        setOver(true);
        told.current();
      } catch (e) {
        if (!stop.signal.aborted) setError(e);
      }
    };
    follow();
    return () => stop.abort();
  }, [s.id, turn]);

  const own = useQuery(ownSession()).data?.identity === s.identity;
  const frozen = !over && s.state === 'live' && s.frozen !== null;
  const field = useRef<HTMLInputElement>(null);
  const [, ask] = useNew('do');
  const { mutate: goOn, isPending: going } = useThaw(s.id);
  const keys = (e: KeyboardEvent) => {
    const inField =
      e.target instanceof Element && e.target.matches('input, select, textarea, button, a');
    if (over || inField || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === 'f' && !frozen) ask('freeze');
    else if (e.key === 'f' && !going) goOn();
    else if (e.key === 'm') field.current?.focus();
    else return;
    e.preventDefault();
  };

  return (
    <div className={css.room}>
      <section
        className={css.terminal}
        data-frozen={frozen || undefined}
        aria-label={t('room-terminal')}
        onKeyDown={keys}
      >
        {!over && <Frozen session={s} />}
        <header className={css.bar}>
          <span className={css.state} data-live={!over || undefined}>
            {over ? t('room-over') : t('room-live')}
          </span>
          {!over && s.state === 'live' && (
            <span className={css.keys}>
              {t(`room-keys${frozen ? '-frozen' : ''}${own ? '-own' : ''}`)}
            </span>
          )}
        </header>
        <TerminalView size={SIZE} label={t('room-screen')} screen={screen} />
      </section>
      <div className={css.beside}>
        <ProblemNote error={error} onRetry={() => setTurn(turn + 1)} />
        {over && s.state === 'ended' && (
          <Notice
            title={t('room-ended')}
            action={
              <ButtonLink
                to="/sessions/$id"
                params={{ id: s.id }}
                search={{ at: '0' }}
                reloadDocument
                slim
              >
                {t('room-replay')}
              </ButtonLink>
            }
          />
        )}
        <Side session={s} live={!over} />
        {!over && !own && s.state === 'live' && <Write session={s} field={field} />}
      </div>
    </div>
  );
}
