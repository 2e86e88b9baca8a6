/** The picture of an access map; the table beside it says the same in words. */
import { useMemo } from 'react';
import { useWords } from '../i18n';
import { type Edge, NODE, picture } from './layout';
import css from './Map.module.css';

export function AccessPicture({ edges }: { edges: readonly Edge[] }) {
  const { t } = useWords();
  const p = useMemo(() => picture(edges), [edges]);
  const left = p.left.who + p.left.policies + p.left.what;
  return (
    <figure className={css.map}>
      <div className={css.scroll} tabIndex={0} role="group" aria-label={t('map-picture')}>
        <svg
          viewBox={`0 -4 ${p.width} ${p.height + 8}`}
          width={p.width}
          height={p.height + 8}
          aria-hidden="true"
        >
          {p.lines.map(l => {
            const [x1, y1] = [l.from.x + NODE.width, l.from.y + NODE.height / 2];
            const [x2, y2] = [l.to.x, l.to.y + NODE.height / 2];
            const middle = (x1 + x2) / 2;
            return (
              <path
                key={`${l.from.id} ${l.to.id}`}
                d={`M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`}
                className={css[l.how]}
              />
            );
          })}
          {p.nodes.map(n => (
            <g key={n.id} className={n.id.startsWith('policy:') ? css.policy : css.node}>
              <rect x={n.x} y={n.y} width={NODE.width} height={NODE.height} rx={7} />
              <text x={n.x + 10} y={n.y + 17}>
                {n.label.length > 28 ? `${n.label.slice(0, 27)}…` : n.label}
              </text>
            </g>
          ))}
        </svg>
      </div>
      <figcaption className={css.legend}>
        <span data-how="standing">{t('map-standing')}</span>
        <span data-how="step_up">{t('map-step-up')}</span>
        <span data-how="request">{t('map-request')}</span>
        {left > 0 && <span>{t('map-left', { n: left })}</span>}
      </figcaption>
    </figure>
  );
}
