/**
 * The page of one thing: where it belongs, its name and state, what can be done,
 * its sections or tabs, and at the end what takes it away. Owns how it waits, how
 * it says that nothing is there, and how it says that it went while one looked.
 */
import { type UseQueryResult, useQueryClient } from '@tanstack/react-query';
import { Link, type LinkProps, useNavigate, useSearch } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { refused } from '../../api/problem';
import type { Action } from '../../app/may';
import { useWords } from '../../i18n';
import { ButtonLink } from '../../ui/Button';
import { Card, Empty, Notice, Page, PageHead, Row, Waiting } from '../../ui/bits';
import { Act, type Ask } from '../../ui/Confirm';
import { ProblemNote } from '../../ui/ProblemNote';
import { Tabs } from '../../ui/Tabs';
import { useDeeds } from './deeds';

export interface ListOf {
  to: LinkProps['to'];
  label: string;
}

export interface Head {
  title?: ReactNode;
  lead?: ReactNode;
  /** Its state, beside its name. */
  state?: ReactNode;
  actions?: ReactNode;
}

export interface DetailTab {
  id: string;
  label: string;
  content: () => ReactNode;
}

export function Detail<T>({
  found,
  name,
  list,
  head,
  tabs,
  full,
  children,
}: {
  found: UseQueryResult<T>;
  /** What it is called in the address. */
  name: string;
  list: ListOf;
  head: (x: T) => Head;
  tabs?: (x: T) => DetailTab[];
  full?: boolean;
  children?: (x: T) => ReactNode;
}) {
  const { t } = useWords();
  const back = <Link to={list.to}>{list.label}</Link>;
  const x = found.data;
  if (x === undefined) {
    return (
      <Page>
        <PageHead above={back} title={name} />
        {found.isPending && <Waiting />}
        {refused(found.error) ? (
          <Empty
            title={t('detail-missing', { name })}
            action={<ButtonLink to={list.to}>{list.label}</ButtonLink>}
          >
            {t('detail-missing-next')}
          </Empty>
        ) : (
          <ProblemNote error={found.error} onRetry={() => found.refetch()} />
        )}
      </Page>
    );
  }
  const h = head(x);
  return (
    <Page full={full ?? false}>
      <PageHead
        above={back}
        title={h.title ?? name}
        state={h.state}
        lead={h.lead}
        actions={h.actions}
      />
      {found.isError &&
        (refused(found.error) ? (
          <Notice tone="warn" title={t('detail-gone', { name })}>
            {t('detail-gone-text')}
          </Notice>
        ) : (
          <ProblemNote error={found.error} onRetry={() => found.refetch()} />
        ))}
      {tabs && <Tabbed label={name} tabs={tabs(x)} />}
      {children?.(x)}
    </Page>
  );
}

function Tabbed({ label, tabs }: { label: string; tabs: DetailTab[] }) {
  const navigate = useNavigate();
  const { tab } = useSearch({ strict: false }) as { tab?: string };
  const shown = tabs.find(x => x.id === tab) ?? tabs[0];
  if (!shown) return null;
  return (
    <>
      <Tabs
        label={label}
        value={shown.id}
        tabs={tabs}
        onChange={id =>
          navigate({ to: '.', search: (id === tabs[0]?.id ? {} : { tab: id }) as never })
        }
      />
      {shown.content()}
    </>
  );
}

/** Makes what the pages of these words show old. */
export function useAgain(...words: string[]): () => void {
  const client = useQueryClient();
  return () => {
    for (const word of words) client.invalidateQueries({ queryKey: [word] });
  };
}

/** What takes the thing away, at the end of its page; not there for those who may not. */
export function DangerZone({
  action,
  name,
  shown = name,
  what,
  warning,
  undo,
  hint,
  run,
  again,
  list,
  children,
}: {
  /** What taking it away asks for. */
  action: Action;
  /** To be typed before it goes. */
  name: string;
  shown?: string;
  /** What goes with it. */
  what: string;
  /** What the question says above all else. */
  warning?: ReactNode;
  undo?: string;
  /** What to do instead. */
  hint?: string;
  run: () => Promise<unknown>;
  again: () => void;
  list: ListOf;
  /** Other dangerous things. */
  children?: ReactNode;
}) {
  const { t } = useWords();
  const navigate = useNavigate();
  const may = useDeeds()(action);
  if (!may && !children) return null;
  const ask: Ask = {
    title: t('delete-title', { name: shown }),
    what: (
      <>
        {warning}
        <p>{what}</p>
      </>
    ),
    undo: undo ?? t('delete-undo'),
    verb: t('delete'),
    type: name,
    run,
    done: t('deleted', { name: shown }),
    after: () => {
      again();
      navigate({ to: list.to, replace: true });
    },
  };
  return (
    <Card title={t('danger-zone')}>
      {may && (
        <p className="soft small">{hint ?? `${t('delete-title', { name: shown })} ${what}`}</p>
      )}
      <Row>
        {children}
        {may && <Act name="delete" kind="danger" slim icon={<Trash2 />} ask={ask} />}
      </Row>
    </Card>
  );
}
