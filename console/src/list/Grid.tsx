/** The rows of a list that are in sight, as a grid that the arrow keys move in. */
import { Link, type LinkProps, useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowDownUp, ArrowUp } from 'lucide-react';
import { type CSSProperties, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useWords } from '../i18n';
import { cx } from '../ui/cx';
import css from './List.module.css';
import type { Column } from './types';

interface GridProps<T> {
  rows: T[];
  columns: Column<T>[];
  rowKey: (row: T) => string;
  to: ((row: T) => LinkProps | undefined) | undefined;
  label: string;
  sort: string;
  desc: boolean;
  onSort: (id: string, desc: boolean) => void;
  more: boolean;
  busy: boolean;
  onMore: () => void;
  stale: boolean;
  short: number | undefined;
}

/** What a cell says when there is nothing; a narrow screen leaves it out. */
const NOTHING = '–';

const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 12, PageUp: -12 };

export function Grid<T>({
  rows,
  columns,
  rowKey,
  to,
  label,
  sort,
  desc,
  onSort,
  more,
  busy,
  onMore,
  stale,
  short,
}: GridProps<T>) {
  const { t } = useWords();
  const navigate = useNavigate();
  const box = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const wanted = useRef(false);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => 48,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && !busy && last >= rows.length - 30) onMore();
  }, [more, busy, last, rows.length, onMore]);

  const template = columns
    .map(c => `minmax(${c.width?.[0] ?? 8}rem, ${c.width?.[1] ?? 1}fr)`)
    .join(' ');
  const least = columns.reduce((sum, c) => sum + (c.width?.[0] ?? 8), 0) + columns.length + 1;

  const move = (index: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, index));
    wanted.current = true;
    setActive(next);
    virtual.scrollToIndex(next, { align: 'auto' });
  };
  useEffect(() => {
    if (!wanted.current) return;
    const row = box.current?.querySelector<HTMLElement>(`[data-index='${active}']`);
    if (row) {
      row.focus({ preventScroll: true });
      wanted.current = false;
    }
  });
  const keys = (e: KeyboardEvent) => {
    if (!(e.target instanceof HTMLElement) || !e.target.matches('[role=row]')) return;
    const step = STEPS[e.key];
    if (step !== undefined) move(active + step);
    else if (e.key === 'Home') move(0);
    else if (e.key === 'End') move(rows.length - 1);
    else if (e.key === 'Enter') {
      const row = rows[active];
      const at = row && to?.(row);
      if (at) navigate(at as never);
    } else return;
    e.preventDefault();
  };
  return (
    <div
      ref={box}
      className={cx(css.box, stale && css.stale)}
      style={{ '--least': `${least}rem`, maxHeight: short && `${short}rem` } as CSSProperties}
      role="grid"
      aria-label={label}
      aria-rowcount={more ? -1 : rows.length + 1}
      aria-colcount={columns.length}
      aria-busy={busy || stale}
      onKeyDown={keys}
      tabIndex={-1}
    >
      <div role="rowgroup" className={css.head}>
        <div
          role="row"
          aria-rowindex={1}
          className={css.row}
          style={{ gridTemplateColumns: template }}
          tabIndex={-1}
        >
          {columns.map(c => {
            const now = c.sort !== undefined && c.sort === sort;
            return (
              <div
                key={c.id}
                role="columnheader"
                tabIndex={-1}
                className={cx(css.cell, c.end && css.end)}
                aria-sort={now ? (desc ? 'descending' : 'ascending') : undefined}
              >
                {c.sort ? (
                  <button
                    type="button"
                    className={css.order}
                    onClick={() => onSort(c.sort ?? '', now && !desc)}
                  >
                    {c.head}
                    {!now ? (
                      <ArrowDownUp aria-hidden="true" className={css.may} />
                    ) : desc ? (
                      <ArrowDown aria-hidden="true" />
                    ) : (
                      <ArrowUp aria-hidden="true" />
                    )}
                  </button>
                ) : (
                  c.head
                )}
              </div>
            );
          })}
        </div>
      </div>
      <div role="rowgroup" className={css.body} style={{ height: `${virtual.getTotalSize()}px` }}>
        {items.map(item => {
          const row = rows[item.index];
          if (row === undefined) return null;
          const at = to?.(row);
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the grid takes the keys
            <div
              key={rowKey(row)}
              ref={virtual.measureElement}
              data-index={item.index}
              role="row"
              aria-rowindex={item.index + 2}
              tabIndex={item.index === active ? 0 : -1}
              className={cx(css.row, css.data, at && css.open)}
              style={{ gridTemplateColumns: template, transform: `translateY(${item.start}px)` }}
              onFocus={e => e.target === e.currentTarget && setActive(item.index)}
              onClick={e => {
                const inside =
                  e.target instanceof Element && e.target.closest('a, button, input, select');
                if (at && !inside && !getSelection()?.toString()) navigate(at as never);
              }}
            >
              {columns.map((c, i) => {
                const content = c.cell(row);
                return (
                  <div
                    key={c.id}
                    role="gridcell"
                    tabIndex={-1}
                    className={cx(
                      css.cell,
                      c.end && css.end,
                      c.lead && css.lead,
                      content === NOTHING && css.none,
                      i > 0 && !c.narrow && css.wideOnly,
                    )}
                  >
                    {i === 0 && at ? (
                      <Link {...at} className={css.link} tabIndex={-1}>
                        {content}
                      </Link>
                    ) : (
                      content
                    )}
                  </div>
                );
              })}
            </div>
          );
        })}
      </div>
      {busy && (
        <p className={css.foot} role="status">
          {t('loading')}
        </p>
      )}
    </div>
  );
}
