/** Small pieces that every page uses. */
import { Check, Copy } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { house } from '../app/house';
import { useWords } from '../i18n';
import { ago, moment } from '../i18n/format';
import { IconButton } from './Button';
import css from './bits.module.css';
import { cx } from './cx';

export type Tone = 'ok' | 'warn' | 'bad' | 'plain' | 'live';

export function Pill({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
  return <span className={cx(css.pill, css[tone])}>{children}</span>;
}

/** The first letters of a name, for a face. */
function initials(name: string): string {
  const words = name.split(/[\s._@-]+/).filter(Boolean);
  return (words.length > 1 ? [words[0], words.at(-1)] : [words[0]])
    .map(w => [...(w ?? '')][0] ?? '')
    .join('')
    .toUpperCase();
}

export function Face({ name, small }: { name: string; small?: boolean }) {
  return (
    <span className={cx(css.face, small && css.smallFace)} aria-hidden="true">
      {initials(name)}
    </span>
  );
}

let now = Date.now();
const clocks = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

function onTick(listener: () => void): () => void {
  clocks.add(listener);
  ticking ??= setInterval(() => {
    now = Date.now();
    for (const c of clocks) c();
  }, 1000);
  return () => {
    clocks.delete(listener);
    if (clocks.size === 0) {
      clearInterval(ticking);
      ticking = undefined;
    }
  };
}

/** The time of day, in steps of so many seconds. */
export function useNow(step = 10): number {
  return useSyncExternalStore(onTick, () => Math.floor(now / (step * 1000)) * step * 1000);
}

export function Time({ at }: { at: string | null | undefined }) {
  const { lang } = useWords();
  const tick = useNow(15);
  if (!at) return <span className="soft">–</span>;
  const date = new Date(at);
  return (
    <time dateTime={at} title={moment(lang, date)} className="num">
      {ago(lang, date, Math.max(tick, now))}
    </time>
  );
}

export function CopyButton({ text, label }: { text: string; label?: string }) {
  const { t } = useWords();
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 1600);
    return () => clearTimeout(timer);
  }, [done]);
  return (
    <>
      <IconButton
        label={label ?? t('copy')}
        className={css.copy}
        onClick={() => navigator.clipboard.writeText(text).then(() => setDone(true))}
      >
        {done ? <Check /> : <Copy />}
      </IconButton>
      <span className="hide" role="status">
        {done ? t('copied') : ''}
      </span>
    </>
  );
}

/** A command for somebody's own terminal, ready to be copied. */
export function Command({ text, label }: { text: string; label: string }) {
  return (
    <div className={css.command}>
      <code tabIndex={0} role="group" aria-label={label}>
        {text}
      </code>
      <CopyButton text={text} />
    </div>
  );
}

export function Empty({
  title,
  children,
  action,
  icon,
}: {
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  icon?: ReactNode;
}) {
  return (
    <div className={css.empty}>
      {icon && (
        <span className={css.emptyIcon} aria-hidden="true">
          {icon}
        </span>
      )}
      <p className={css.emptyTitle}>{title}</p>
      {children && <p className={css.emptyText}>{children}</p>}
      {action}
    </div>
  );
}

export function Notice({
  tone = 'ok',
  title,
  children,
  action,
}: {
  tone?: 'ok' | 'warn' | 'bad' | 'plain';
  title?: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div
      className={cx(css.notice, css[`${tone}Notice`])}
      role={tone === 'bad' ? 'alert' : undefined}
    >
      <div className={css.noticeText}>
        {title && <p className={css.noticeTitle}>{title}</p>}
        {children}
      </div>
      {action && <div className={css.noticeAction}>{action}</div>}
    </div>
  );
}

/** Grey shapes where something will be. */
export function Waiting({ lines = 3, label }: { lines?: number; label?: string }) {
  const { t } = useWords();
  return (
    <div className={css.waiting} role="status">
      <span className="hide">{label ?? t('loading')}</span>
      {Array.from({ length: lines }, (_, i) => (
        <span key={i} className={css.bone} aria-hidden="true" />
      ))}
    </div>
  );
}

/** Names and values, in pairs. */
export function Facts({ items }: { items: ([ReactNode, ReactNode] | false | undefined)[] }) {
  return (
    <dl className={css.facts}>
      {items.map((item, i) =>
        item ? (
          <div key={i}>
            <dt>{item[0]}</dt>
            <dd>{item[1]}</dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}

export function Card({
  title,
  actions,
  children,
  flush,
  id,
}: {
  title?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** What is inside reaches the edges. */
  flush?: boolean;
  id?: string;
}) {
  return (
    <section className={css.card} id={id}>
      {(title || actions) && (
        <header className={css.cardHead}>
          {title && <h2>{title}</h2>}
          {actions && <div className={css.cardActions}>{actions}</div>}
        </header>
      )}
      <div className={flush ? undefined : css.cardBody}>{children}</div>
    </section>
  );
}

/** The window is called as the heading that this is put on. */
export function useTitle() {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const said = heading.current?.textContent?.trim();
    document.title = said ? `${said} · ${house()}` : house();
  });
  return heading;
}

/** The head of a page: what it is, what can be done. */
export function PageHead({
  title,
  state,
  lead,
  actions,
  above,
}: {
  title: ReactNode;
  /** Its state, beside its name. */
  state?: ReactNode;
  lead?: ReactNode;
  actions?: ReactNode;
  above?: ReactNode;
}) {
  const heading = useTitle();
  return (
    <header className={css.pageHead}>
      <div className={css.pageTitle}>
        {above && <div className={css.above}>{above}</div>}
        <div className={css.named}>
          <h1 tabIndex={-1} ref={heading}>
            {title}
          </h1>
          {state}
        </div>
        {lead && <p className={css.lead}>{lead}</p>}
      </div>
      {actions && <div className={css.pageActions}>{actions}</div>}
    </header>
  );
}

export function Page({
  children,
  narrow,
  full,
  fill,
}: {
  children: ReactNode;
  narrow?: boolean;
  full?: boolean;
  /** It is as high as the window: what is inside scrolls; `wide`, only in a wide one. */
  fill?: boolean | 'wide';
}) {
  return (
    <div
      className={cx(
        css.page,
        narrow && css.narrow,
        full && css.full,
        fill && css.fill,
        fill === 'wide' && css.fillWide,
      )}
    >
      {children}
    </div>
  );
}

/** Two columns where there is room. */
export function Two({ children }: { children: ReactNode }) {
  return <div className={css.two}>{children}</div>;
}

/** Fields of a form beside each other. */
export function Fields({ children }: { children: ReactNode }) {
  return <div className={css.fields}>{children}</div>;
}

export function Row({ children }: { children: ReactNode }) {
  return <div className={css.row}>{children}</div>;
}

/** Rows of a card: what it is, what can be done. */
export function Lines({ children, label }: { children: ReactNode; label?: string }) {
  return (
    <ul className={css.lines} aria-label={label}>
      {children}
    </ul>
  );
}

export function Line({
  children,
  actions,
  start,
}: {
  children: ReactNode;
  actions?: ReactNode;
  start?: ReactNode;
}) {
  return (
    <li className={css.lineItem}>
      {start}
      <div className={css.lineText}>{children}</div>
      {actions && <div className={css.lineActions}>{actions}</div>}
    </li>
  );
}
