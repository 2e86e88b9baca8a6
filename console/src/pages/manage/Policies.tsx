/** The policies: the only thing that grants anything. */
import { useSearch } from '@tanstack/react-router';
import { BookText, Plus } from 'lucide-react';
import { api, type Schemas, take } from '../../api/client';
import { useWords } from '../../i18n';
import { type Column, List } from '../../list/List';
import type { ListSearch } from '../../list/state';
import { ButtonLink } from '../../ui/Button';
import { Empty, Page, PageHead, Pill, Time } from '../../ui/bits';

type Policy = Schemas['Policy'];

/** No policy can be called this. */
export const NEW = '~new';

export default function Policies() {
  const { t } = useWords();
  const search = useSearch({ strict: false }) as ListSearch;
  const add = (
    <ButtonLink to="/manage/policies/$name" params={{ name: NEW }} kind="primary" icon={<Plus />}>
      {t('add-policy')}
    </ButtonLink>
  );
  const columns: Column<Policy>[] = [
    {
      id: 'name',
      head: t('column-name'),
      width: [11, 1],
      cell: p => <strong>{p.name}</strong>,
      value: p => p.name,
    },
    {
      id: 'state',
      head: t('column-state'),
      width: [6, 0.5],
      narrow: true,
      cell: p =>
        p.enabled ? <Pill tone="ok">{t('in-force')}</Pill> : <Pill>{t('not-in-force')}</Pill>,
      value: p => p.enabled,
    },
    {
      id: 'description',
      head: t('column-description'),
      width: [14, 2],
      narrow: true,
      cell: p => p.description || '–',
      value: p => p.description,
    },
    {
      id: 'statements',
      head: t('column-statements'),
      width: [6, 0.4],
      cell: p => (
        <span className="num">{(p.text.match(/\b(permit|forbid)\s*\(/g) ?? []).length}</span>
      ),
      value: p => (p.text.match(/\b(permit|forbid)\s*\(/g) ?? []).length,
    },
    {
      id: 'updated',
      head: t('column-changed'),
      width: [8, 0.6],
      cell: p => <Time at={p.updated_at} />,
      value: p => p.updated_at,
    },
    {
      id: 'text',
      head: t('column-text'),
      extra: true,
      width: [14, 2],
      cell: p => <code className="clip">{p.text}</code>,
      value: p => p.text,
    },
  ];
  return (
    <Page full fill>
      <PageHead title={t('nav-policies')} lead={t('policies-lead')} actions={add} />
      <List
        label={t('nav-policies')}
        queryKey={['policies', 'list']}
        fetch={({ q, filters, cursor, limit, signal }) =>
          take(
            api.GET('/api/v1/policies', {
              params: {
                query: {
                  q: q || undefined,
                  enabled: filters.state ? filters.state === 'on' : undefined,
                  cursor,
                  limit,
                },
              },
              signal,
            }),
          )
        }
        search={search}
        columns={columns}
        filters={[
          {
            id: 'state',
            label: t('column-state'),
            options: [
              { value: 'on', label: t('in-force') },
              { value: 'off', label: t('not-in-force') },
            ],
          },
        ]}
        rowKey={p => p.id}
        to={p => ({ to: '/manage/policies/$name', params: { name: p.name } })}
        empty={
          <Empty title={t('policies-none')} icon={<BookText />} action={add}>
            {t('policies-none-next')}
          </Empty>
        }
      />
    </Page>
  );
}
