/** The screen of a terminal, as large as fits. */
import { type RefObject, useEffect, useRef, useState } from 'react';
import type { Size } from './cast';
import { Screen } from './screen';
import css from './TerminalView.module.css';

/** The width of a character and the height of a line, in parts of the font's size. */
const CELL = { width: 0.602, height: 1.25 };
const FONT = { least: 5, most: 15 };

export function TerminalView({
  size,
  label,
  screen,
}: {
  size: Size;
  label: string;
  /** Where the screen is put for whoever feeds it. */
  screen: RefObject<Screen | undefined>;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const [now, setNow] = useState(size);
  const first = useRef(size);

  useEffect(() => {
    if (!box.current) return;
    const made = new Screen(box.current, first.current);
    made.onSize = setNow;
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
      const byWidth = room.width / (now.cols * CELL.width);
      const byHeight = room.height > 100 ? room.height / (now.rows * CELL.height) : FONT.most;
      const font = Math.max(FONT.least, Math.min(FONT.most, byWidth, byHeight));
      el.style.setProperty('--font', `${font}px`);
      el.style.setProperty('--rows', String(now.rows));
      el.style.setProperty('--cols', String(now.cols));
    };
    fit();
    const watcher = new ResizeObserver(fit);
    watcher.observe(el);
    return () => watcher.disconnect();
  }, [now]);

  return (
    <div ref={frame} className={css.frame}>
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
