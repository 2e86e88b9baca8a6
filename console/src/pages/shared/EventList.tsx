/** Records of the audit log, as rows. */
import { ShieldAlert } from 'lucide-react';
import type { Schemas } from '../../api/client';
import { useWords } from '../../i18n';
import type { Column } from '../../list/List';
import { Pill, Time } from '../../ui/bits';
import { kindText, onText } from './kinds';

export type Event = Schemas['Event'];

export function useEventColumns(own: boolean): Column<Event>[] {
  const words = useWords();
  const { t } = words;
  return [
    {
      id: 'at',
      head: t('column-when'),
      sort: 'at',
      width: [8, 0.7],
      narrow: true,
      cell: e => <Time at={e.at} />,
      value: e => e.at,
    },
    {
      id: 'activity',
      head: t('column-activity'),
      width: [11, 1.2],
      narrow: true,
      lead: true,
      cell: e => <span title={e.activity}>{kindText(words, e)}</span>,
      value: e => e.activity,
    },
    ...(own
      ? []
      : [
          {
            id: 'actor',
            head: t('column-who'),
            width: [8, 1],
            narrow: true,
            cell: (e: Event) => e.actor_name,
            value: (e: Event) => e.actor_name,
          } satisfies Column<Event>,
        ]),
    {
      id: 'target',
      head: t('column-on'),
      width: [10, 1.4],
      narrow: true,
      cell: e =>
        e.target ? (
          <span className="clip" title={e.target.id}>
            {onText(words, e)}
          </span>
        ) : (
          '–'
        ),
      value: e => e.target_name ?? e.target?.id,
    },
    {
      id: 'outcome',
      head: t('column-outcome'),
      width: [7, 0.6],
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
      width: [8, 0.7],
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
