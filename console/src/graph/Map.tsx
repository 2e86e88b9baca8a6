/**
 * The picture of an access map. Its nodes are links and buttons, in the order of
 * reading; the table beside it says the same in words.
 */
import { Link, type LinkProps } from '@tanstack/react-router';
import { AppWindow, ChevronsUpDown, Server } from 'lucide-react';
import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useWords } from '../i18n';
import { cx } from '../ui/cx';
import { pageOfWhat, pageOfWho } from './access';
import { type Edge, type How, joined, NODE, type Node, picture } from './layout';
import css from './Map.module.css';
import { REACHED } from './reached';

const REACH: Record<How, string | undefined> = {
  standing: css.standing,
  granted: css.granted,
  step_up: css.step_up,
  request: css.request,
  break_glass: css.break_glass,
};

/** The page of what a node stands for, when it has one. */
function pageOf(n: Node, groups: boolean): LinkProps | undefined {
  if (n.column === 'who') return pageOfWho(n.label, groups);
  if (n.column === 'what') return pageOfWhat(n.label);
  switch (n.way?.kind) {
    case 'group':
      return { to: '/manage/groups/$name', params: { name: n.label } };
    case 'role':
      return { to: '/manage/roles/$name', params: { name: n.label } };
    default:
      return undefined;
  }
}

export function AccessPicture({
  edges,
  groups = false,
}: {
  edges: readonly Edge[];
  /** Those who reach are groups. */
  groups?: boolean;
}) {
  const { t } = useWords();
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState<string>();
  const scroll = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState(Number.POSITIVE_INFINITY);
  useLayoutEffect(() => {
    const box = scroll.current;
    if (!box) return;
    const seen = new ResizeObserver(() => setRoom(box.clientWidth));
    seen.observe(box);
    setRoom(box.clientWidth);
    return () => seen.disconnect();
  }, []);
  const p = useMemo(() => picture(edges, open, room), [edges, open, room]);
  const near = useMemo(() => (active ? joined(p, active) : undefined), [p, active]);
  const toggle = (id: string) => {
    const next = new Set(open);
    if (!next.delete(id)) next.add(id);
    setOpen(next);
  };
  return (
    <figure className={css.map}>
      <div
        ref={scroll}
        className={css.scroll}
        tabIndex={0}
        role="group"
        aria-label={t('map-picture')}
      >
        <div className={css.field} style={{ width: p.width, height: p.height }}>
          <svg
            viewBox={`0 0 ${p.width} ${p.height}`}
            width={p.width}
            height={p.height}
            aria-hidden="true"
          >
            {p.lines.map(l => {
              const [x1, y1] = [l.from.x + p.node, l.from.y + NODE.height / 2];
              const [x2, y2] = [l.to.x, l.to.y + NODE.height / 2];
              const middle = (x1 + x2) / 2;
              const far = near && !(near.has(l.from.id) && near.has(l.to.id));
              return (
                <path
                  key={`${l.from.id} ${l.to.id}`}
                  d={`M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`}
                  className={cx(REACH[l.how], far && css.far)}
                />
              );
            })}
          </svg>
          {p.nodes.map(n => (
            <One
              key={n.id}
              node={n}
              width={p.node}
              page={pageOf(n, groups)}
              far={near !== undefined && !near.has(n.id)}
              onLook={look => setActive(look ? n.id : undefined)}
              onOpen={() => toggle(n.id)}
            />
          ))}
        </div>
      </div>
      <figcaption className={css.legend}>
        {(Object.keys(REACHED) as How[]).map(
          how =>
            edges.some(e => e.how === how) && (
              <span key={how} data-how={how}>
                {t(REACHED[how])}
              </span>
            ),
        )}
        {open.size > 0 && (
          <button type="button" className={css.fold} onClick={() => setOpen(new Set())}>
            {t('map-fold')}
          </button>
        )}
      </figcaption>
    </figure>
  );
}

function One({
  node: n,
  width,
  page,
  far,
  onLook,
  onOpen,
}: {
  node: Node;
  width: number;
  page: LinkProps | undefined;
  far: boolean;
  onLook: (look: boolean) => void;
  onOpen: () => void;
}) {
  const { t } = useWords();
  // What is reached is an account on a target, or an application.
  const app = n.column === 'what' && !n.label.includes('@');
  const sign =
    n.column !== 'what' ? null : app ? (
      <AppWindow className={css.sign} aria-hidden="true" />
    ) : (
      <Server className={css.sign} aria-hidden="true" />
    );
  const shared = {
    className: cx(css.node, n.column === 'way' && css.way, app && css.app, far && css.far),
    style: { insetInlineStart: n.x, top: n.y, width, height: NODE.height },
    title: n.names.length > 1 ? n.names.slice(0, 30).join('\n') : n.label,
    onMouseEnter: () => onLook(true),
    onMouseLeave: () => onLook(false),
    onFocus: () => onLook(true),
    onBlur: () => onLook(false),
  };
  if (n.names.length > 1) {
    return (
      <button type="button" {...shared} onClick={onOpen}>
        {sign}
        <span className={css.name}>{t('map-many', { name: n.label, n: n.names.length - 1 })}</span>
        <ChevronsUpDown aria-hidden="true" />
      </button>
    );
  }
  const inside = (
    <>
      {sign}
      {app && <span className="hide">{t('thing-application')} </span>}
      {n.way && n.way.kind !== 'direct' && (
        <span className={css.kind}>{t(`map-way-${n.way.kind}`)}</span>
      )}
      <span className={css.name}>{n.way?.kind === 'direct' ? t('map-direct') : n.label}</span>
    </>
  );
  return page ? (
    <Link {...page} {...shared}>
      {inside}
    </Link>
  ) : (
    <span {...shared}>{inside}</span>
  );
}
