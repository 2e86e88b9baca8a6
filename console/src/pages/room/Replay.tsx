/** A session as it was: play, seek, search, share a moment. */
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Download, Link2, Pause, Play, RotateCcw } from 'lucide-react';
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { stream } from '../../api/client';
import type { SessionDetails } from '../../api/queries';
import { useWords } from '../../i18n';
import { bytes, clock } from '../../i18n/format';
import { Lines, Reader, type Recording } from '../../terminal/cast';
import { type Draw, Player, SPEEDS } from '../../terminal/player';
import { SightButtons, useSight } from '../../terminal/Sight';
import type { Screen } from '../../terminal/screen';
import { TerminalView } from '../../terminal/TerminalView';
import { Index } from '../../terminal/text';
import { Button, ButtonAnchor, IconButton } from '../../ui/Button';
import { Notice } from '../../ui/bits';
import { cx } from '../../ui/cx';
import { ProblemNote } from '../../ui/ProblemNote';
import { say } from '../../ui/toast';
import { mayHere } from './may';
import { useOrders } from './orders';
import css from './Room.module.css';
import { Side } from './Side';
import { into } from './timeline';

interface Loaded {
  recording: Recording;
  interrupted: boolean;
}

export function Replay({ session: s }: { session: SessionDetails }) {
  const { t, lang } = useWords();
  const [loaded, setLoaded] = useState<Loaded>();
  const [got, setGot] = useState<number>();
  const [error, setError] = useState<unknown>();

  const load = useCallback(async () => {
    setError(undefined);
    setGot(0);
    const reader = new Reader();
    const lines = new Lines();
    let interrupted = false;
    let count = 0;
    try {
      const response = await stream(`/api/v1/privileged-sessions/${s.id}/recording`);
      interrupted = response.headers.get('doorward-interrupted') === 'true';
      const source = response.body?.getReader();
      for (;;) {
        const next = await source?.read();
        if (!next || next.done) break;
        count += next.value.length;
        setGot(count);
        for (const l of lines.push(next.value)) reader.keep(l);
      }
    } catch (e) {
      // What came before the break is as it was recorded.
      if (reader.events.length === 0) {
        setError(e);
        setGot(undefined);
        return;
      }
      interrupted = true;
    }
    for (const l of lines.end()) reader.keep(l);
    setLoaded({ recording: reader.done(), interrupted });
  }, [s.id]);

  if (loaded) return <Playing session={s} loaded={loaded} />;
  return (
    <div className={css.room}>
      <section className={css.terminal} aria-label={t('room-terminal')}>
        <div className={css.cover}>
          <p className={css.coverTitle}>{t('replay-title')}</p>
          {mayHere(s)('recording:play') ? (
            <>
              <p>{t('replay-text')}</p>
              <Button kind="primary" icon={<Play />} onClick={load} busy={got !== undefined}>
                {got ? t('replay-loading', { size: bytes(lang, got) }) : t('replay-play')}
              </Button>
            </>
          ) : (
            <p>{t('replay-unseen')}</p>
          )}
        </div>
      </section>
      <div className={css.beside}>
        <ProblemNote error={error} onRetry={load} />
        <Side session={s} live={false} />
      </div>
    </div>
  );
}

/** Seconds that a key moves. */
const STEPS: Record<string, number> = {
  ArrowRight: 5,
  ArrowLeft: -5,
  ArrowUp: 5,
  ArrowDown: -5,
  PageUp: 30,
  PageDown: -30,
};

/** What takes keys itself. */
const TAKES =
  'input:not([type=range]), select, textarea, button, a, [role=tab], [contenteditable], dialog, [role=dialog] *, [role=alertdialog] *';

function Playing({ session: s, loaded }: { session: SessionDetails; loaded: Loaded }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as { at?: string };
  const { recording } = loaded;
  const player = useMemo(() => new Player(recording), [recording]);
  const index = useMemo(() => new Index(recording.events), [recording]);
  const screen = useRef<Screen>(undefined);
  const begin = useRef(Number(search.at ?? 0) || 0);
  const [playing, setPlaying] = useState(true);
  const sight = useSight();
  const [at, setAt] = useState(0);
  const [speed, setSpeed] = useState(1);
  const [skip, setSkip] = useState(true);

  const draw = useCallback(
    (d: Draw) => {
      if (d.fresh) screen.current?.reset(recording.header.size);
      if (d.events.length > 0) screen.current?.show(d.events);
    },
    [recording],
  );
  const seek = useCallback(
    (to: number) => {
      draw(player.seek(to));
      setAt(player.at);
    },
    [draw, player],
  );

  // The screen is a child: it is there when this runs.
  useEffect(() => {
    screen.current?.reset(recording.header.size);
    draw(begin.current > 0 ? player.seek(begin.current) : player.again());
    setAt(player.at);
  }, [draw, player, recording]);

  useEffect(() => {
    player.speed = speed;
    player.skipIdle = skip;
  }, [player, speed, skip]);

  useEffect(() => {
    if (!playing) return;
    let last = performance.now();
    let told = 0;
    let frame = requestAnimationFrame(function step(now: number) {
      draw(player.tick((now - last) / 1000));
      last = now;
      if (now - told > 100 || player.over) {
        told = now;
        setAt(player.at);
      }
      if (player.over) setPlaying(false);
      else frame = requestAnimationFrame(step);
    });
    return () => cancelAnimationFrame(frame);
  }, [playing, player, draw]);

  const toggle = () => {
    if (!playing && player.over) seek(0);
    setPlaying(!playing);
  };
  const share = async () => {
    const moment = String(Math.floor(player.at));
    navigate({ to: '.', search: { at: moment } as never, replace: true });
    const url = new URL(location.href);
    url.searchParams.set('at', moment);
    await navigator.clipboard.writeText(url.href);
    say(t('replay-shared', { time: clock(player.at) }));
  };
  const marks = useOrders(s.id, true).map(o => ({
    id: o.number,
    kind: o.kind,
    at: into(s.started_at, o.at),
  }));
  const leap = (to: number | undefined) => to !== undefined && seek(to);
  const keys = (e: KeyboardEvent) => {
    if (!(e.target instanceof Element) || e.target.matches(TAKES)) return;
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const by = STEPS[e.key];
    // Upwards and downwards the screen itself is scrolled.
    const scrolls = /Up|Down/.test(e.key) && !e.target.matches('[type=range]');
    if (by !== undefined && !(scrolls && e.key.startsWith('Arrow'))) seek(player.at + by);
    else if (e.key === 'n') leap(marks.find(m => m.at > player.at + 1)?.at);
    else if (e.key === 'p') leap(marks.findLast(m => m.at < player.at - 1)?.at);
    else return;
    e.preventDefault();
  };
  const press = useRef(toggle);
  press.current = toggle;
  // The space bar plays and pauses wherever nothing else takes it.
  useEffect(() => {
    const space = (e: globalThis.KeyboardEvent) => {
      if (e.key !== ' ' || e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey) return;
      if (!(e.target instanceof Element) || e.target.matches(TAKES)) return;
      e.preventDefault();
      press.current();
    };
    document.addEventListener('keydown', space);
    return () => document.removeEventListener('keydown', space);
  }, []);
  const place = search.at;
  useEffect(() => {
    if (place !== undefined && Number(place) !== begin.current) {
      begin.current = Number(place);
      seek(begin.current);
    }
  }, [place, seek]);

  return (
    <div className={css.room}>
      <section
        className={css.terminal}
        data-big={sight.big || undefined}
        aria-label={t('room-terminal')}
        onKeyDown={keys}
      >
        <TerminalView
          size={recording.header.size}
          label={t('room-screen')}
          screen={screen}
          sight={sight}
        />
        <div className={css.controls}>
          <IconButton label={playing ? t('replay-pause') : t('replay-resume')} onClick={toggle}>
            {playing ? <Pause /> : player.over ? <RotateCcw /> : <Play />}
          </IconButton>
          <span className={css.clock}>
            {clock(at)} / {clock(recording.length)}
          </span>
          <div className={css.track}>
            {marks.length > 0 && (
              <span className={css.marks} aria-hidden="true">
                {marks.map(m => (
                  <i
                    key={m.id}
                    data-kind={m.kind}
                    style={{
                      insetInlineStart: `${Math.min(100, (100 * m.at) / recording.length)}%`,
                    }}
                  />
                ))}
              </span>
            )}
            <input
              type="range"
              className={css.seek}
              min={0}
              max={Math.max(recording.length, 0.1)}
              step={0.1}
              value={at}
              aria-label={t('replay-seek')}
              aria-valuetext={clock(at)}
              onChange={e => seek(Number(e.target.value))}
            />
          </div>
          <label className={css.small}>
            <span className="hide">{t('replay-speed')}</span>
            <select value={speed} onChange={e => setSpeed(Number(e.target.value))}>
              {SPEEDS.map(x => (
                <option key={x} value={x}>
                  {x}×
                </option>
              ))}
            </select>
          </label>
          <label className={cx(css.small, css.check)}>
            <input type="checkbox" checked={skip} onChange={e => setSkip(e.target.checked)} />
            {t('replay-skip')}
          </label>
          <span className={css.sight}>
            <SightButtons sight={sight} />
            <IconButton label={t('replay-share')} onClick={share}>
              <Link2 />
            </IconButton>
          </span>
          <ButtonAnchor
            slim
            href={`/api/v1/privileged-sessions/${s.id}/recording`}
            download={`${s.id}.cast`}
            icon={<Download />}
          >
            {t('replay-download')}
          </ButtonAnchor>
        </div>
      </section>
      <div className={css.beside}>
        {loaded.interrupted && (
          <Notice tone="warn" title={t('replay-interrupted')}>
            {t('replay-interrupted-text')}
          </Notice>
        )}
        <Side session={s} live={false} onJump={seek} at={at} index={index} />
      </div>
    </div>
  );
}
