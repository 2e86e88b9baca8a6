/** Filters that several lists have. */
import type { Words } from '../../i18n';
import type { Filter } from '../../list/List';

export function enabledFilter(t: Words['t']): Filter {
  return {
    id: 'enabled',
    label: t('column-state'),
    options: [
      { value: 'true', label: t('enabled') },
      { value: 'false', label: t('disabled') },
    ],
  };
}

export function timeFilters(t: Words['t']): Filter[] {
  return [
    { id: 'since', label: t('filter-since'), type: 'datetime-local', more: true },
    { id: 'until', label: t('filter-until'), type: 'datetime-local', more: true },
  ];
}
