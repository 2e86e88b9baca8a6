/**
 * What a record says beyond its kind: the one thing that tells it from others of its kind,
 * for a row; all of it with labels, for its own page.
 */
import type { Schemas } from '../../api/client';
import type { Words } from '../../i18n';
import { bytes, duration, moment } from '../../i18n/format';
import { straight } from '../../terminal/text';
import { factorText } from './factors';
import { operationText, outcomeText } from './files';

type Event = Pick<Schemas['Event'], 'activity'> &
  Partial<Pick<Schemas['Event'], 'details' | 'target_name'>>;

export interface Told {
  text: string;
  /** It was typed, or is a name to be typed. */
  code?: boolean;
}

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}$/;
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

export function isId(text: unknown): text is string {
  return typeof text === 'string' && ID.test(text);
}

/** Why, in somebody's words or the server's. */
const WHY = ['reason', 'comment', 'because', 'why'] as const;

function textOf(details: Record<string, unknown>, key: string): string {
  const value = details[key];
  // What came from a target may turn what is read.
  return typeof value === 'string' && !ID.test(value) ? straight(value.trim()) : '';
}

function list(details: Record<string, unknown>, key: string): string {
  const value = details[key];
  return Array.isArray(value) ? value.filter(x => typeof x === 'string').join(', ') : '';
}

/** What tells it from others of its kind, in one line; nothing when there is no such thing. */
export function told(words: Words, event: Event): Told | undefined {
  const d = event.details ?? {};
  if (event.activity === 'session.command') return { text: textOf(d, 'command'), code: true };
  if (event.activity === 'session.file') {
    const paths = [textOf(d, 'path'), textOf(d, 'other_path')].filter(Boolean).join(' → ');
    const outcome = outcomeText(words, textOf(d, 'outcome'));
    const done = [operationText(words, textOf(d, 'operation')), paths].filter(Boolean).join(' ');
    return { text: outcome ? `${done} · ${outcome}` : done };
  }
  const known = event.target_name ?? '';
  const names = ['name', 'login', 'label', 'key_id', 'application', 'destination', 'url']
    .map(key => textOf(d, key))
    .filter(name => name !== '' && !known.split(' ').includes(name));
  const where = textOf(d, 'host');
  const factor = textOf(d, 'factor');
  const changed = list(d, 'fields');
  const all = [
    ...new Set(names),
    where && (typeof d.port === 'number' ? `${where}:${d.port}` : where),
    factor && factorText(words, factor),
    d.known === false ? words.t('said-unknown') : '',
    event.activity === 'session.message' ? textOf(d, 'text') : '',
    changed && words.t('said-changed', { fields: changed }),
    ...WHY.map(key => textOf(d, key)),
  ].filter(Boolean);
  return all.length > 0 ? { text: all.join(' · ') } : undefined;
}

/** For a file, without words of a language. */
export function toldPlainly(event: Event): string {
  const d = event.details ?? {};
  const keys = ['command', 'operation', 'path', 'other_path', 'name', 'login', 'label', 'host'];
  return [...keys, ...WHY]
    .map(key => textOf(d, key))
    .filter(Boolean)
    .join(' ');
}

export interface Row {
  key: string;
  label: string;
  text: string;
  code?: boolean;
  /** Whose or what the id is that stands there. */
  id?: { kind: 'identity' | 'group'; id: string };
}

const OF_GROUP: Record<string, string> = { member: 'member_kind', holder: 'holder_kind' };
const IDENTITIES = ['member', 'holder', 'identity', 'requester', 'confirmed_by', 'by'];
/** What a reader has no use for, and an investigator finds in the record as it is. */
const RAW = ['sha256', 'member_kind', 'holder_kind'];
const CODE = ['command', 'path', 'other_path', 'login', 'url', 'text', 'host', 'key_id', 'client'];

function valueText(words: Words, key: string, value: unknown): string {
  if (typeof value === 'boolean') return words.t(value ? 'yes' : 'no');
  if (typeof value === 'number') {
    if (key.startsWith('bytes')) return bytes(words.lang, value);
    if (key.endsWith('seconds')) return duration(words, value);
    return value.toLocaleString(words.lang);
  }
  if (Array.isArray(value) && value.every(x => typeof x === 'string')) return value.join(', ');
  if (typeof value !== 'string') return JSON.stringify(value, null, 2);
  if (key === 'factor') return factorText(words, value);
  if (key === 'operation') return operationText(words, value);
  if (key === 'outcome') return outcomeText(words, value) ?? words.t('outcome-success');
  return MOMENT.test(value) ? moment(words.lang, new Date(value)) : straight(value);
}

/** All that it says, as labels and values; what is empty is left out. */
export function rows(words: Words, event: Event): Row[] {
  const d = event.details ?? {};
  return Object.entries(d).flatMap(([key, value]): Row[] => {
    if (value === null || value === '' || RAW.includes(key)) return [];
    const label = words.maybe(`said-${key.replaceAll('_', '-')}`) ?? key.replaceAll('_', ' ');
    const text = valueText(words, key, value);
    const object = typeof value === 'object' && !Array.isArray(value);
    const row = { key, label, text, code: CODE.includes(key) || object || isId(value) };
    if (!isId(value) || !IDENTITIES.includes(key)) return [row];
    const group = d[OF_GROUP[key] ?? ''] === 'group';
    return [{ ...row, id: { kind: group ? 'group' : 'identity', id: value } }];
  });
}

/** Parts of one recording that were sealed one after another, as one. */
export function foldParts<E extends Schemas['Event']>(events: E[]): (E & { times?: number })[] {
  const folded: (E & { times?: number })[] = [];
  for (const event of events) {
    const last = folded.at(-1);
    const same =
      event.activity === 'recording.chunk' &&
      last?.activity === 'recording.chunk' &&
      last.privileged_session === event.privileged_session;
    if (same && last) folded[folded.length - 1] = { ...last, times: (last.times ?? 1) + 1 };
    else folded.push(event);
  }
  return folded;
}
