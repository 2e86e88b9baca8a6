/** A few numbers side by side: bars to see, a list to read. */
import css from './Bars.module.css';

export interface Bar {
  key: string;
  /** Under the bar. */
  label: string;
  value: number;
  /** What stands on top of it, fainter. */
  more?: number;
  /** The same in words. */
  text: string;
}

export function Bars({ bars, label }: { bars: readonly Bar[]; label: string }) {
  const most = Math.max(1, ...bars.map(b => b.value + (b.more ?? 0)));
  const share = (n: number) => `${(n / most) * 100}%`;
  return (
    <ul className={css.bars} aria-label={label}>
      {bars.map(b => (
        <li key={b.key} title={b.text}>
          <span className="hide">{b.text}</span>
          <span className={css.number} aria-hidden="true">
            {b.value > 0 ? b.value : ''}
          </span>
          <span className={css.room} aria-hidden="true">
            {(b.more ?? 0) > 0 && (
              <span className={css.more} style={{ blockSize: share(b.more ?? 0) }} />
            )}
            <span className={css.bar} style={{ blockSize: share(b.value) }} />
          </span>
          <span className={css.label} aria-hidden="true">
            {b.label}
          </span>
        </li>
      ))}
    </ul>
  );
}
