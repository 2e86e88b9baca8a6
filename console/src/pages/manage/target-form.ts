/** Between the fields of a form and what a target holds. */
import { queryOptions } from '@tanstack/react-query';
import { api, type Schemas, take } from '../../api/client';
import { fieldsOf, type SchemaField } from '../../forms/schema';

/** `env=prod, team=web` as labels; a word alone is `yes`. */
export function labelsOf(text: string): Record<string, string> {
  const pairs = text
    .split(/[,\n]/)
    .map(p => p.trim())
    .filter(Boolean)
    .map(p => {
      const at = p.indexOf('=');
      return at < 0 ? [p, 'yes'] : [p.slice(0, at).trim(), p.slice(at + 1).trim()];
    });
  return Object.fromEntries(pairs);
}

export function labelsText(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([k, v]) => `${k}=${v}`)
    .join(', ');
}

/** Where a target is, as far as its settings say so: `10.0.4.12:2222`. */
export function whereOf(raw: unknown): string {
  const s = (typeof raw === 'object' && raw !== null ? raw : {}) as Record<string, unknown>;
  if (typeof s.host !== 'string' || s.host === '') return '';
  return typeof s.port === 'number' && s.port !== 22 ? `${s.host}:${s.port}` : s.host;
}

/** What targets there can be; a node is started anew when this changes. */
export const protocols = () =>
  queryOptions({
    queryKey: ['protocols'],
    queryFn: async () => (await take(api.GET('/api/v1/protocols'))).items,
    staleTime: Number.POSITIVE_INFINITY,
  });

export function fieldsFor(all: readonly Schemas['Protocol'][], kind: string): SchemaField[] {
  return fieldsOf(all.find(p => p.name === kind)?.settings_schema);
}
