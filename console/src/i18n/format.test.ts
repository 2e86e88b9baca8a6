import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ago, bytes, clock, duration } from './format';
import { wordsOf } from './index';

const words = (lang: 'en' | 'de') =>
  wordsOf(lang, readFileSync(new URL(`./${lang}.ftl`, import.meta.url), 'utf8'));

describe('format', () => {
  it('says durations in their two largest units', () => {
    expect(duration(words('en'), 3600)).toBe('1 hour');
    expect(duration(words('en'), 5400)).toBe('1 hour 30 minutes');
    expect(duration(words('en'), 86_400 + 61)).toBe('1 day');
    expect(duration(words('en'), 59)).toBe('59 seconds');
    expect(duration(words('en'), -4)).toBe('0 seconds');
    expect(duration(words('de'), 7260)).toBe('2 Stunden 1 Minute');
  });

  it('tells how long ago, in the language', () => {
    const now = Date.UTC(2026, 4, 10, 12);
    const earlier = (seconds: number) => new Date(now - seconds * 1000);
    expect(ago('en', earlier(10), now)).toBe('now');
    expect(ago('en', earlier(300), now)).toBe('5 minutes ago');
    expect(ago('de', earlier(300), now)).toBe('vor 5 Minuten');
    expect(ago('en', earlier(-7200), now)).toBe('in 2 hours');
    expect(ago('en', earlier(86_400 * 2), now)).toBe('2 days ago');
  });

  it('runs a clock', () => {
    expect(clock(0)).toBe('0:00');
    expect(clock(65.9)).toBe('1:05');
    expect(clock(3723)).toBe('1:02:03');
  });

  it('sizes bytes', () => {
    expect(bytes('en', 12)).toBe('12 bytes');
    expect(bytes('en', 1)).toBe('1 byte');
    expect(bytes('de', 3)).toBe('3 Byte');
    expect(bytes('en', 1_540_000)).toBe('1.5 MB');
  });
});
