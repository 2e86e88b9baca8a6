/**
 * The one list: search, filters, order, columns, paging as one scrolls, export,
 * keyboard, all of it in the address. The server searches and sorts; this draws
 * the rows that are in sight.
 */
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { RefreshCw, Search, SlidersHorizontal, X } from 'lucide-react';
import { useCallback, useEffect, useId, useMemo, useState } from 'react';
import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { Empty, Waiting } from '../ui/bits';
import { cx } from '../ui/cx';
import { ProblemNote } from '../ui/ProblemNote';
import { ColumnMenu, ExportMenu, FilterBox, SearchBox } from './Bar';
import { Grid } from './Grid';
import css from './List.module.css';
import { isLong } from './long';
import { LOOKS, shortPages } from './looking';
import { type ListSearch, readList, writeList } from './state';
import type { ListProps } from './types';

export type { Column, Filter, PageAsk, PageOf } from './types';

const PAGE = 200;

/** So many rows are read before somebody scrolls. */
const FILL = 60;

export function List<T>(props: ListProps<T>) {
  const { label, queryKey, fetch, search, columns, filters = [], rowKey, to } = props;
  const { t } = useWords();
  const navigate = useNavigate();
  const state = readList(search);
  const shown = useMemo(
    () =>
      columns.filter(
        (c, i) => i === 0 || (state.columns ? state.columns.includes(c.id) : !c.extra),
      ),
    [columns, state.columns],
  );
  const change = (next: Parameters<typeof writeList>[1]) =>
    navigate({
      to: '.',
      search: ((old: ListSearch) => writeList(old, next)) as never,
      replace: true,
    });

  const { q, sort, desc } = state;
  const client = useQueryClient();
  const key = [...queryKey, { q, sort, desc, filters: state.filters }];
  const [more, setMore] = useState(false);
  const [unfolded, setUnfolded] = useState(false);
  const filtersId = useId();
  const used = filters.filter(f => state.filters[f.id]).length;
  const folds = filters.length > 1;
  const here = JSON.stringify(key);
  const [looked, setLooked] = useState({ here, pages: LOOKS });
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) =>
      fetch({ q, sort, desc, filters: state.filters, cursor: pageParam, limit: PAGE, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: last => last.next ?? undefined,
    placeholderData: old => old,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnMount: cached => (isLong(cached.state.data) ? true : 'always'),
  });
  const { fold } = props;
  const rows = useMemo(() => {
    const all = query.data?.pages.flatMap(p => p.items) ?? [];
    return fold ? fold(all) : all;
  }, [query.data, fold]);
  const { hasNextPage, isFetching, fetchNextPage } = query;
  // The list and its grid may both want it: it is asked for once.
  const next = useCallback(() => fetchNextPage({ cancelRefetch: false }), [fetchNextPage]);
  const short = useMemo(() => shortPages(query.data?.pages ?? [], PAGE), [query.data]);
  const rests = hasNextPage && short >= (looked.here === here ? looked.pages : LOOKS);
  useEffect(() => {
    if (rows.length < FILL && hasNextPage && !isFetching && !rests) next();
  }, [rows.length, hasNextPage, isFetching, rests, next]);
  // What is in sight is filled by itself; beyond that somebody says so, or scrolls.
  const looking = isFetching || (rows.length < FILL && !rests);
  const changed = query.isStale && isLong(query.data);
  const narrowed = q !== '' || Object.keys(state.filters).length > 0;
  // Where there is nothing yet, there is nothing to search in.
  const bare =
    query.isSuccess && !query.isPlaceholderData && rows.length === 0 && !hasNextPage && !narrowed;

  return (
    <div className={cx(css.list, !props.short && css.tall)}>
      {!props.plain && !bare && (
        <div className={css.bar}>
          {props.searchable !== false && (
            <SearchBox
              value={q}
              label={props.searchHint ?? t('list-search')}
              onChange={text => change({ q: text })}
            />
          )}
          {folds && (
            <button
              type="button"
              className={cx(css.clear, css.unfold)}
              aria-expanded={unfolded}
              aria-controls={filtersId}
              onClick={() => setUnfolded(!unfolded)}
            >
              <SlidersHorizontal aria-hidden="true" /> {t('list-filters', { n: used })}
            </button>
          )}
          <div id={filtersId} className={cx(css.filters, folds && !unfolded && css.folded)}>
            {filters
              .filter(f => more || !f.more || state.filters[f.id])
              .map(f => (
                <FilterBox
                  key={f.id}
                  filter={f}
                  value={state.filters[f.id] ?? ''}
                  onChange={value => change({ filters: { ...state.filters, [f.id]: value } })}
                />
              ))}
            {!more && filters.some(f => f.more && !state.filters[f.id]) && (
              <button type="button" className={css.clear} onClick={() => setMore(true)}>
                <SlidersHorizontal aria-hidden="true" /> {t('list-more-filters')}
              </button>
            )}
          </div>
          {narrowed && (
            <button
              type="button"
              className={css.clear}
              onClick={() => change({ q: '', filters: {} })}
            >
              <X aria-hidden="true" /> {t('list-clear')}
            </button>
          )}
          <span className={css.space} />
          {changed && (
            <button
              type="button"
              className={css.clear}
              onClick={() => client.resetQueries({ queryKey: key, exact: true })}
            >
              <RefreshCw aria-hidden="true" /> {t('list-changed')}
            </button>
          )}
          <span className={css.count} role="status">
            {query.isSuccess &&
              (rows.length > 0 || !hasNextPage) &&
              t(query.hasNextPage ? 'list-count-more' : 'list-count', { n: rows.length })}
          </span>
          <ColumnMenu
            columns={columns}
            shown={shown.map(c => c.id)}
            onChange={ids => change({ columns: ids })}
          />
          <ExportMenu {...props} state={state} shown={shown} />
          {props.actions}
        </div>
      )}
      {query.isError && <ProblemNote error={query.error} onRetry={() => query.refetch()} />}
      {query.isPending && (
        <div className={css.wait}>
          <Waiting lines={6} />
        </div>
      )}
      {query.isSuccess &&
        !(rows.length === 0 && hasNextPage) &&
        (rows.length === 0 ? (
          narrowed ? (
            <Empty title={t('list-none-found')} icon={<Search />}>
              {t('list-none-found-next')}
            </Empty>
          ) : (
            props.empty
          )
        ) : (
          <Grid
            rows={rows}
            columns={shown}
            rowKey={rowKey}
            to={to}
            label={label}
            sort={sort}
            desc={desc}
            onSort={(id, down) => change({ sort: id, desc: down })}
            more={hasNextPage && !rests}
            busy={query.isFetchingNextPage}
            onMore={next}
            stale={query.isPlaceholderData}
            short={props.short}
          />
        ))}
      {query.isSuccess && short > 0 && (rows.length > 0 || hasNextPage) && (
        <div className={css.wait}>
          <p className="small soft" role="status">
            {t(!hasNextPage ? 'list-looked' : looking ? 'list-looking' : 'list-rests', {
              n: rows.length,
            })}
          </p>
          {hasNextPage && !looking && (
            <Button
              slim
              onClick={() => {
                setLooked({ here, pages: short + LOOKS });
                next();
              }}
            >
              {t('list-look-on')}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
