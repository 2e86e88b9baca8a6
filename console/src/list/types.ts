/** What a list is of, and how it is drawn. */
import type { LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ExportColumn } from './export';
import type { ListSearch } from './state';

export interface PageAsk {
  q: string;
  sort: string;
  desc: boolean;
  filters: Record<string, string>;
  cursor: string | undefined;
  limit: number;
  signal: AbortSignal;
}

export interface PageOf<T> {
  items: T[];
  next?: string | null;
}

export interface Column<T> {
  id: string;
  head: string;
  cell: (row: T) => ReactNode;
  /** As it stands in a file; without it the column is not exported. */
  value?: (row: T) => string | number | boolean | null | undefined;
  /** The server sorts by it. */
  sort?: string;
  /** The least width in rem, and how much of what is left. */
  width?: [number, number];
  /** Not shown until chosen. */
  extra?: boolean;
  /** Shown on narrow screens. */
  narrow?: boolean;
  /** On narrow screens it stands above the others, in their place of the first. */
  lead?: boolean;
  end?: boolean;
}

export interface Filter {
  id: string;
  label: string;
  /** The values; a text field when there are none. */
  options?: { value: string; label: string }[];
  /** It stands behind a button until it is used. */
  more?: boolean;
  /** Of a text field. */
  type?: 'text' | 'datetime-local';
}

export interface ListProps<T> {
  /** What the list is of, for screen readers and file names. */
  label: string;
  queryKey: readonly unknown[];
  fetch: (ask: PageAsk) => Promise<PageOf<T>>;
  search: ListSearch;
  columns: Column<T>[];
  filters?: Filter[];
  rowKey: (row: T) => string;
  /** Where a row leads, if anywhere. */
  to?: (row: T) => LinkProps | undefined;
  searchable?: boolean;
  searchHint?: string;
  empty: ReactNode;
  /** Beside the search. */
  actions?: ReactNode;
  /** As high as its rows, up to so many rem, instead of the room that is left. */
  short?: number;
  /** Without the bar above. */
  plain?: boolean;
  /** Draws rows that belong together as one; a function that stays the same. */
  fold?: (rows: T[]) => T[];
  /** What a file has besides the columns that are shown. */
  exported?: ExportColumn<T>[];
}
