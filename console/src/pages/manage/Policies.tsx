/** The policies: the only thing that grants anything. */
import { useSearch } from '@tanstack/react-router';
import { BookText, Plus } from 'lucide-react';
import { api, type Schemas, take } from '../../api/client';
import { useWords } from '../../i18n';
import { type Column, List } from '../../list/List';
import { pageOf, yes } from '../../list/server';
import type { ListSearch } from '../../list/state';
import { ButtonLink } from '../../ui/Button';
import { Empty, Page, PageHead, Pill, Time } from '../../ui/bits';
import { useDeeds } from '../shared/deeds';

type Policy = Schemas['Policy'];

/** No policy can be called this. */
export const NEW = '~new';

export default function Policies() {
  const { t } = useWords();
  const search = useSearch({ strict: false }) as ListSearch;
  const may = useDeeds()('policy:write');
  const add = (kind: 'primary' | 'quiet') =>
    may && (
      <ButtonLink to="/manage/policies/$name" params={{ name: NEW }} kind={kind} icon={<Plus />}>
        {t('add-policy')}
      </ButtonLink>
    );
  const columns: Column<Policy>[] = [
    {
      id: 'name',
      head: t('column-name'),
      sort: 'name',
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
      sort: 'updated_at',
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
      <PageHead title={t('nav-policies')} lead={t('policies-lead')} actions={add('primary')} />
      <List
        label={t('nav-policies')}
        queryKey={['policies', 'list']}
        fetch={ask =>
          take(api.GET('/api/v1/policies', pageOf(ask, { enabled: yes(ask.filters.enabled) })))
        }
        search={search}
        columns={columns}
        filters={[
          {
            id: 'enabled',
            label: t('column-state'),
            options: [
              { value: 'true', label: t('in-force') },
              { value: 'false', label: t('not-in-force') },
            ],
          },
        ]}
        rowKey={p => p.id}
        to={p => ({ to: '/manage/policies/$name', params: { name: p.name } })}
        empty={
          <Empty title={t('policies-none')} icon={<BookText />} action={add('quiet')}>
            {t('policies-none-next')}
          </Empty>
        }
      />
    </Page>
  );
}
