/** What stands above a list: search, filters, columns, export. */
import { Columns3, Download, Search, X } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import { useWords } from '../i18n';
import { IconButton } from '../ui/Button';
import { cx } from '../ui/cx';
import { Menu } from '../ui/Menu';
import { say } from '../ui/toast';
import { csv, save } from './export';
import css from './List.module.css';
import type { ListState } from './state';
import type { Column, Filter, ListProps } from './types';

/** An export stops here. */
const MOST = 100_000;

export function SearchBox({
  value,
  label,
  onChange,
}: {
  value: string;
  label: string;
  onChange: (v: string) => void;
}) {
  const [text, setText] = useState(value);
  const sent = useRef(value);
  const id = useId();
  useEffect(() => {
    if (value !== sent.current) {
      sent.current = value;
      setText(value);
    }
  }, [value]);
  useEffect(() => {
    if (text === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = text;
      onChange(text);
    }, 200);
    return () => clearTimeout(timer);
  });
  return (
    <div className={css.search}>
      <Search aria-hidden="true" />
      <label htmlFor={id} className="hide">
        {label}
      </label>
      <input
        id={id}
        type="search"
        value={text}
        placeholder={label}
        autoComplete="off"
        onChange={e => setText(e.target.value)}
      />
    </div>
  );
}

export function FilterBox({
  filter,
  value,
  onChange,
}: {
  filter: Filter;
  value: string;
  onChange: (v: string) => void;
}) {
  const id = useId();
  return (
    <div className={cx(css.filter, value !== '' && css.on)}>
      <label htmlFor={id}>{filter.label}</label>
      {filter.options ? (
        <select id={id} value={value} onChange={e => onChange(e.target.value)}>
          <Any />
          {filter.options.map(o => (
            <option key={o.value} value={o.value}>
              {o.label}
            </option>
          ))}
        </select>
      ) : (
        <Slow id={id} type={filter.type ?? 'text'} value={value} onChange={onChange} />
      )}
    </div>
  );
}

function Any() {
  const { t } = useWords();
  return <option value="">{t('list-any')}</option>;
}

/** A text field that speaks when typing pauses. */
function Slow({
  value,
  onChange,
  ...rest
}: {
  id: string;
  type: string;
  value: string;
  onChange: (v: string) => void;
}) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), 350);
    return () => clearTimeout(timer);
  });
  return (
    <input {...rest} value={text} autoComplete="off" onChange={e => setText(e.target.value)} />
  );
}

export function ColumnMenu<T>({
  columns,
  shown,
  onChange,
}: {
  columns: Column<T>[];
  shown: string[];
  onChange: (ids: string[]) => void;
}) {
  const { t } = useWords();
  if (columns.length < 3) return null;
  return (
    <Menu
      label={t('list-columns')}
      name={t('list-columns')}
      className={css.tool}
      entries={columns.slice(1).map(c => ({
        id: c.id,
        label: c.head,
        chosen: shown.includes(c.id),
        onAction: () =>
          onChange(
            columns
              .map(x => x.id)
              .filter(id => (id === c.id ? !shown.includes(id) : shown.includes(id))),
          ),
      }))}
    >
      <Columns3 aria-hidden="true" />
    </Menu>
  );
}

export function ExportMenu<T>({
  label,
  fetch,
  state,
  shown,
  exported = [],
}: ListProps<T> & { state: ListState; shown: Column<T>[] }) {
  const { t } = useWords();
  const [count, setCount] = useState<number>();
  const stop = useRef<AbortController>(undefined);
  const run = async (kind: 'csv' | 'json') => {
    stop.current = new AbortController();
    const { signal } = stop.current;
    setCount(0);
    try {
      const all: T[] = [];
      let cursor: string | undefined;
      do {
        const page = await fetch({ ...state, cursor, limit: 200, signal });
        all.push(...page.items);
        cursor = page.next ?? undefined;
        setCount(all.length);
      } while (cursor && all.length < MOST && !signal.aborted);
      const name = `${label.toLowerCase().replaceAll(/\W+/g, '-')}.${kind}`;
      if (kind === 'json') save(name, 'application/json', [JSON.stringify(all, null, 2)]);
      else {
        const columns = shown.flatMap(c => (c.value ? [{ name: c.id, value: c.value }] : []));
        const more = exported.filter(e => !columns.some(c => c.name === e.name));
        save(name, 'text/csv;charset=utf-8', ['\ufeff', csv(all, [...columns, ...more])]);
      }
      say(t('list-exported', { n: all.length }));
    } catch {
      say(t('list-export-failed'));
    } finally {
      setCount(undefined);
    }
  };
  if (count !== undefined) {
    return (
      <span className={css.exporting} role="status">
        {t('list-exporting', { n: count })}
        <IconButton label={t('cancel')} onClick={() => stop.current?.abort()}>
          <X />
        </IconButton>
      </span>
    );
  }
  return (
    <Menu
      label={t('list-export')}
      name={t('list-export')}
      className={css.tool}
      entries={[
        { id: 'csv', label: 'CSV', onAction: () => run('csv') },
        { id: 'json', label: 'JSON', onAction: () => run('json') },
      ]}
    >
      <Download aria-hidden="true" />
    </Menu>
  );
}
