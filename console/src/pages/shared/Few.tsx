/** The first few of a list, as a card that leads to all of it. */
import { useQuery } from '@tanstack/react-query';
import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useWords } from '../../i18n';
import { Card, Line, Lines, Waiting } from '../../ui/bits';
import { ProblemNote } from '../../ui/ProblemNote';

/** How many are a few. */
export const FEW = 6;

export function Few<T>({
  title,
  queryKey,
  fetch,
  all,
  none,
  enabled = true,
  children,
}: {
  title: string;
  queryKey: readonly unknown[];
  fetch: () => Promise<{ items: T[] }>;
  /** Where all of them are. */
  all: LinkProps;
  none: string;
  /** Nothing is drawn for those who may not see it. */
  enabled?: boolean;
  children: (item: T) => ReactNode;
}) {
  const { t } = useWords();
  const found = useQuery({ queryKey, queryFn: fetch, enabled, retry: false });
  if (!enabled) return null;
  return (
    <Card
      title={title}
      flush
      actions={
        <Link {...all} className="small">
          {t('overview-all')}
          <span className="hide"> {title}</span>
        </Link>
      }
    >
      {found.isPending && <Waiting />}
      <ProblemNote error={found.error} onRetry={() => found.refetch()} />
      <Lines>
        {found.data?.items.map(children)}
        {found.data?.items.length === 0 && (
          <Line>
            <span className="soft">{none}</span>
          </Line>
        )}
      </Lines>
    </Card>
  );
}
