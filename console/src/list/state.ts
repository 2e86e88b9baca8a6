/**
 * What a list shows, as it stands in the address: a link to a list is a link to
 * what is in it.
 */
export interface ListState {
  q: string;
  sort: string;
  desc: boolean;
  filters: Record<string, string>;
  /** The chosen columns; none when nobody chose. */
  columns: string[] | undefined;
}

export type ListSearch = Record<string, string | undefined>;

const FILTER = 'f.';
/** Of lists, and of the pages that share an address with one. */
const KNOWN = [
  ...['q', 'sort', 'cols', 'new', 'do', 'about', 'at', 'tab'],
  ...['who', 'group', 'what', 'on', 'with', 'approvals', 'hours'],
];

export function parseList(search: Record<string, unknown>): ListSearch {
  const kept: ListSearch = {};
  for (const [key, value] of Object.entries(search)) {
    const known = KNOWN.includes(key) || key.startsWith(FILTER);
    if (known && (typeof value === 'string' || typeof value === 'number') && `${value}` !== '') {
      kept[key] = String(value);
    }
  }
  return kept;
}

export function readList(search: ListSearch): ListState {
  const sort = search.sort ?? '';
  return {
    q: search.q ?? '',
    sort: sort.replace(/^-/, ''),
    desc: sort.startsWith('-'),
    filters: Object.fromEntries(
      Object.entries(search)
        .filter(([k, v]) => k.startsWith(FILTER) && v)
        .map(([k, v]) => [k.slice(FILTER.length), v ?? '']),
    ),
    columns: search.cols?.split(',').filter(Boolean),
  };
}

export function writeList(search: ListSearch, change: Partial<ListState>): ListSearch {
  const next = { ...readList(search), ...change };
  const other = Object.fromEntries(
    Object.entries(search).filter(
      ([k]) => !['q', 'sort', 'cols'].includes(k) && !k.startsWith(FILTER),
    ),
  );
  const filters = Object.entries(next.filters).filter(([, v]) => v !== '');
  return {
    ...other,
    q: next.q || undefined,
    sort: next.sort ? `${next.desc ? '-' : ''}${next.sort}` : undefined,
    cols: next.columns?.join(',') || undefined,
    ...Object.fromEntries(filters.map(([k, v]) => [FILTER + k, v])),
  };
}
