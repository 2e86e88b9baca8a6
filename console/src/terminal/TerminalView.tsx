/** The screen of a terminal: as large as fits and can be read, or as chosen. */
import { type RefObject, useEffect, useRef, useState } from 'react';
import type { Size } from './cast';
import { fitting } from './fit';
import type { Sight } from './Sight';
import { Screen } from './screen';
import css from './TerminalView.module.css';

/** How far the cursor is above (negative) or below what is seen of the screen. */
function hidden(frame: HTMLElement): number {
  const cursor = frame.querySelector('.cur')?.getBoundingClientRect();
  if (!cursor) return 0;
  const seen = frame.getBoundingClientRect();
  if (cursor.top < seen.top) return cursor.top - seen.top;
  return Math.max(0, cursor.bottom - seen.bottom);
}

function reveal(frame: HTMLElement): void {
  const by = hidden(frame);
  if (by !== 0) frame.scrollTop += by;
}

export function TerminalView({
  size,
  label,
  screen,
  sight,
}: {
  size: Size;
  label: string;
  /** Where the screen is put for whoever feeds it. */
  screen: RefObject<Screen | undefined>;
  sight: Sight;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const [now, setNow] = useState(size);
  const first = useRef(size);
  const follows = useRef(true);
  const { font: chosen, big } = sight;
  const told = useRef(sight.drawn);
  told.current = sight.drawn;

  useEffect(() => {
    if (!box.current) return;
    const made = new Screen(box.current, first.current);
    made.onSize = setNow;
    // Where something is written stays in sight, until somebody scrolls away from it.
    made.onDraw = () => {
      if (frame.current && follows.current) reveal(frame.current);
    };
    screen.current = made;
    return () => {
      made.close();
      screen.current = undefined;
    };
  }, [screen]);

  useEffect(() => {
    const el = frame.current;
    if (!el) return;
    const fit = () => {
      const room = { width: el.clientWidth - 24, height: el.clientHeight - 24 };
      const font = chosen ?? fitting(room, now, big);
      told.current(font);
      el.style.setProperty('--font', `${font}px`);
      el.style.setProperty('--rows', String(now.rows));
      el.style.setProperty('--cols', String(now.cols));
    };
    fit();
    const watcher = new ResizeObserver(fit);
    watcher.observe(el);
    return () => watcher.disconnect();
  }, [now, chosen, big]);

  return (
    <div
      ref={frame}
      className={css.frame}
      onScroll={e => {
        follows.current = hidden(e.currentTarget) === 0;
      }}
    >
      <div
        ref={box}
        className={css.screen}
        role="group"
        aria-label={label}
        tabIndex={0}
        dir="ltr"
        translate="no"
      />
    </div>
  );
}
