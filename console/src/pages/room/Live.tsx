/** A session as it happens. */
import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { stream } from '../../api/client';
import { session as ownSession, type SessionDetails } from '../../api/queries';
import { useWords } from '../../i18n';
import { Lines, Reader } from '../../terminal/cast';
import { SightButtons, useSight } from '../../terminal/Sight';
import type { Screen } from '../../terminal/screen';
import { TerminalView } from '../../terminal/TerminalView';
import { ButtonLink } from '../../ui/Button';
import { Notice } from '../../ui/bits';
import { ProblemNote } from '../../ui/ProblemNote';
import { useNew } from '../../ui/useNew';
import { Frozen, useThaw } from './Frozen';
import { mayHere } from './may';
import css from './Room.module.css';
import { Side } from './Side';
import { Write } from './Write';

const SIZE = { cols: 80, rows: 24 };

export function Live({ session: s, onOver }: { session: SessionDetails; onOver: () => void }) {
  const { t } = useWords();
  const screen = useRef<Screen>(undefined);
  const [error, setError] = useState<unknown>();
  const [left, setLeft] = useState(false);
  const [turn, setTurn] = useState(0);
  const sight = useSight();
  const told = useRef(onOver);
  told.current = onOver;
  const may = mayHere(s);
  const watches = may('session:watch');
  const over = watches ? left : s.state === 'ended';

  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` begins anew
  useEffect(() => {
    if (!watches) return;
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
        setLeft(true);
        told.current();
      } catch (e) {
        if (!stop.signal.aborted) setError(e);
      }
    };
    follow();
    return () => stop.abort();
  }, [s.id, turn, watches]);

  const own = useQuery(ownSession()).data?.identity === s.identity;
  const live = !over && s.state === 'live';
  const frozen = live && s.frozen !== null;
  const freezes = live && may('session:freeze');
  const writes = live && !own && may('session:message');
  const hints = [
    freezes && t(frozen ? 'room-key-thaw' : 'room-key-freeze'),
    writes && t('room-key-write'),
  ].filter(Boolean);
  const field = useRef<HTMLInputElement>(null);
  const [, ask] = useNew('do');
  const { mutate: goOn, isPending: going } = useThaw(s.id);
  const keys = (e: KeyboardEvent) => {
    const inField =
      e.target instanceof Element && e.target.matches('input, select, textarea, button, a');
    if (inField || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === 'f' && freezes && !frozen) ask('freeze');
    else if (e.key === 'f' && freezes && !going) goOn();
    else if (e.key === 'm' && writes) {
      // The field is beside the screen.
      flushSync(() => sight.setBig(false));
      field.current?.focus();
    } else return;
    e.preventDefault();
  };

  return (
    <div className={css.room}>
      <section
        className={css.terminal}
        data-frozen={frozen || undefined}
        data-big={sight.big || undefined}
        aria-label={t('room-terminal')}
        onKeyDown={keys}
      >
        {!over && <Frozen session={s} />}
        <header className={css.bar}>
          <span className={css.state} data-live={!over || undefined}>
            {t(over ? 'room-over' : watches ? 'room-live' : 'session-live')}
          </span>
          {watches && hints.length > 0 && <span className={css.keys}>{hints.join(' · ')}</span>}
          {watches && (
            <span className={css.sight}>
              <SightButtons sight={sight} />
            </span>
          )}
        </header>
        {watches ? (
          <TerminalView size={SIZE} label={t('room-screen')} screen={screen} sight={sight} />
        ) : (
          <div className={css.cover}>
            <p className={css.coverTitle}>{t('room-unseen')}</p>
            <p>{t('room-unseen-text')}</p>
          </div>
        )}
      </section>
      <div className={css.beside}>
        <ProblemNote error={error} onRetry={() => setTurn(turn + 1)} />
        {over && s.state === 'ended' && (
          <Notice
            title={t('room-ended')}
            action={
              may('recording:play') && (
                <ButtonLink
                  to="/sessions/$id"
                  params={{ id: s.id }}
                  search={{ at: '0' }}
                  reloadDocument
                  slim
                >
                  {t('room-replay')}
                </ButtonLink>
              )
            }
          />
        )}
        <Side session={s} live={!over} />
        {writes && <Write session={s} field={field} />}
      </div>
    </div>
  );
}
