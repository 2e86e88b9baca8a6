/** Times, durations and sizes in words. */
import type { Words } from './index';

/** The language as the reader's region writes it: days and clocks differ within one. */
export function region(lang: string): string {
  return globalThis.navigator?.languages?.find(tag => tag.startsWith(`${lang}-`)) ?? lang;
}

const near = new Map<string, Intl.RelativeTimeFormat>();
const dates = new Map<string, Intl.DateTimeFormat>();

function relative(lang: string): Intl.RelativeTimeFormat {
  const found = near.get(lang) ?? new Intl.RelativeTimeFormat(region(lang), { numeric: 'auto' });
  near.set(lang, found);
  return found;
}

function date(lang: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = lang + JSON.stringify(options);
  const found = dates.get(key) ?? new Intl.DateTimeFormat(region(lang), options);
  dates.set(key, found);
  return found;
}

/** A moment near now in relation to it, else its date. */
export function ago(lang: string, at: Date, now: number): string {
  const seconds = (at.getTime() - now) / 1000;
  const size = Math.abs(seconds);
  if (size < 45) return relative(lang).format(0, 'second');
  if (size < 90 * 60) return relative(lang).format(Math.round(seconds / 60), 'minute');
  if (size < 36 * 3600) return relative(lang).format(Math.round(seconds / 3600), 'hour');
  if (size < 7 * 86_400) return relative(lang).format(Math.round(seconds / 86_400), 'day');
  const sameYear = at.getFullYear() === new Date(now).getFullYear();
  return date(lang, sameYear ? { day: 'numeric', month: 'short' } : { dateStyle: 'medium' }).format(
    at,
  );
}

/** The whole moment, to the second. */
export function moment(lang: string, at: Date): string {
  return date(lang, { dateStyle: 'medium', timeStyle: 'medium' }).format(at);
}

/** A day and a time of day. */
export function dayAndTime(lang: string, at: Date): string {
  return date(lang, { dateStyle: 'medium', timeStyle: 'short' }).format(at);
}

/** The two largest units of a duration: `1 hour 30 minutes`. */
export function duration(words: Words, seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts: [number, 'unit-day' | 'unit-hour' | 'unit-minute' | 'unit-second'][] = [
    [Math.floor(whole / 86_400), 'unit-day'],
    [Math.floor((whole % 86_400) / 3600), 'unit-hour'],
    [Math.floor((whole % 3600) / 60), 'unit-minute'],
    [whole % 60, 'unit-second'],
  ];
  const first = parts.findIndex(([n]) => n > 0);
  if (first < 0) return words.t('unit-second', { n: 0 });
  return parts
    .slice(first, first + 2)
    .filter(([n]) => n > 0)
    .map(([n, id]) => words.t(id, { n }))
    .join(' ');
}

/** A running clock: `1:02:03`, `4:05`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** A size in bytes, with a unit that leaves at most four digits. */
export function bytes(lang: string, count: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
  let at = 0;
  let value = count;
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000;
    at += 1;
  }
  return new Intl.NumberFormat(lang, {
    style: 'unit',
    unit: units[at] ?? 'byte',
    unitDisplay: at === 0 ? 'long' : 'short',
    maximumFractionDigits: value < 10 && at > 0 ? 1 : 0,
  }).format(value);
}
