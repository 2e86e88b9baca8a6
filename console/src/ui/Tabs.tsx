import css from './Tabs.module.css';

/** A few views of one page; the panel below belongs to the page. */
export function Tabs<V extends string>({
  label,
  value,
  tabs,
  onChange,
}: {
  label: string;
  value: V;
  tabs: { id: V; label: string }[];
  onChange: (id: V) => void;
}) {
  return (
    <div className={css.tabs} role="group" aria-label={label}>
      {tabs.map(t => (
        <button
          key={t.id}
          type="button"
          aria-pressed={t.id === value}
          onClick={() => onChange(t.id)}
        >
          {t.label}
        </button>
      ))}
    </div>
  );
}
