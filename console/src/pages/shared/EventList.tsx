/** Records of the audit log, as rows. */
import { useQuery } from '@tanstack/react-query';
import { ShieldAlert } from 'lucide-react';
import { api, type Schemas, take } from '../../api/client';
import { useMay } from '../../app/may';
import { useWords } from '../../i18n';
import { dayAndTime, moment } from '../../i18n/format';
import type { ExportColumn } from '../../list/export';
import type { Column } from '../../list/List';
import { Pill, Time, useNow } from '../../ui/bits';
import { kindText, onText, whoText } from './kinds';
import { told, toldPlainly } from './said';

export type Event = Schemas['Event'] & { times?: number };

/** What a file has besides what is shown: all of the record but who proved what. */
export const EXPORTED: ExportColumn<Event>[] = [
  { name: 'leaf', value: e => e.leaf },
  { name: 'policies', value: e => (e.policies ?? []).join(' ') },
  { name: 'privileged_session', value: e => e.privileged_session },
  { name: 'target_id', value: e => e.target?.id },
  { name: 'details', value: e => JSON.stringify(e.details ?? {}) },
  { name: 'id', value: e => e.id },
];

const DAY = 86_400_000;

/** In relation to now within a day; else the day and the time of day. */
function When({ at }: { at: string }) {
  const { lang } = useWords();
  const now = useNow(60);
  const date = new Date(at);
  if (now - date.getTime() < DAY) return <Time at={at} />;
  return (
    <time dateTime={at} title={moment(lang, date)} className="num">
      {dayAndTime(lang, date)}
    </time>
  );
}

/** On which accounts the latest privileged sessions were, for records within them. */
function useAccounts(own: boolean): ReadonlyMap<string, string> | undefined {
  const may = useMay()('status:read');
  const found = useQuery({
    queryKey: ['privileged-sessions', 'accounts', own],
    queryFn: async () => {
      const query = { params: { query: { limit: 200 } } };
      const { items } = await take(
        own
          ? api.GET('/api/v1/own/privileged-sessions', query)
          : api.GET('/api/v1/privileged-sessions', query),
      );
      return new Map(items.map(s => [s.id, s.account_name]));
    },
    enabled: own || may,
    staleTime: 30_000,
    retry: false,
  });
  return found.data;
}

export function useEventColumns(own: boolean): Column<Event>[] {
  const words = useWords();
  const { t } = words;
  const accounts = useAccounts(own);
  return [
    {
      id: 'at',
      head: t('column-when'),
      sort: 'at',
      width: [7, 0.6],
      narrow: true,
      cell: e => <When at={e.at} />,
      value: e => e.at,
    },
    {
      id: 'activity',
      head: t('column-activity'),
      width: [9, 1.1],
      narrow: true,
      lead: true,
      cell: e => (
        <span title={e.activity}>
          {kindText(words, e)}
          {e.times !== undefined && <span className="soft"> {t('times', { n: e.times })}</span>}
        </span>
      ),
      value: e => e.activity,
    },
    {
      id: 'said',
      head: t('column-said'),
      width: [10, 2],
      narrow: true,
      cell: e => {
        const said = told(words, e);
        if (!said?.text) return '–';
        return said.code ? (
          <code className="clip" dir="ltr" title={said.text}>
            {said.text}
          </code>
        ) : (
          <span className="clip" title={said.text}>
            {said.text}
          </span>
        );
      },
      value: e => toldPlainly(e),
    },
    ...(own
      ? []
      : [
          {
            id: 'actor',
            head: t('column-who'),
            width: [6, 0.8],
            narrow: true,
            cell: (e: Event) => whoText(words, e),
            value: (e: Event) => e.actor_name,
          } satisfies Column<Event>,
        ]),
    {
      id: 'target',
      head: t('column-on'),
      width: [9, 1.4],
      narrow: true,
      cell: e =>
        e.target ? (
          <span className="clip" title={e.target.id}>
            {onText(words, e, accounts)}
          </span>
        ) : (
          '–'
        ),
      value: e => e.target_name ?? e.target?.id,
    },
    {
      id: 'outcome',
      head: t('column-outcome'),
      width: [6.5, 0.4],
      narrow: true,
      cell: e =>
        e.outcome === 'failure' ? (
          <Pill tone="bad">
            <ShieldAlert size={12} aria-hidden="true" />
            {t('outcome-failure')}
          </Pill>
        ) : (
          <span className="soft">{t('outcome-success')}</span>
        ),
      value: e => e.outcome,
    },
    {
      id: 'address',
      head: t('column-address'),
      width: [6.5, 0.6],
      cell: e => <span className="mono">{e.actor.network.address ?? '–'}</span>,
      value: e => e.actor.network.address,
    },
    {
      id: 'leaf',
      head: t('column-leaf'),
      width: [5, 0.4],
      extra: true,
      end: true,
      cell: e => <span className="num">{e.leaf ?? '–'}</span>,
      value: e => e.leaf,
    },
  ];
}
