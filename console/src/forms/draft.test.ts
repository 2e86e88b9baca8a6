import { beforeEach, describe, expect, it } from 'vitest';
import { dropDraft, keepDraft, readDraft } from './draft';

const kept = new Map<string, string>();
globalThis.sessionStorage = {
  getItem: (k: string) => kept.get(k) ?? null,
  setItem: (k: string, v: string) => void kept.set(k, v),
  removeItem: (k: string) => void kept.delete(k),
} as Storage;

describe('drafts', () => {
  beforeEach(() => kept.clear());

  it('gives back what was typed', () => {
    keepDraft('f', { name: 'web-1', port: '22' }, []);
    expect(readDraft('f', { name: '', port: '' })).toEqual({ name: 'web-1', port: '22' });
    dropDraft('f');
    expect(readDraft('f', { name: '' })).toEqual({ name: '' });
  });

  it('never keeps a secret', () => {
    keepDraft('f', { name: 'root', value: 'hunter2' }, ['value']);
    expect([...kept.values()].join()).not.toContain('hunter2');
    expect(readDraft('f', { name: '', value: '' })).toEqual({ name: 'root', value: '' });
  });

  it('ignores what does not fit the form', () => {
    kept.set('doorward.draft.f', '{"name":5,"other":"x"}');
    expect(readDraft('f', { name: '' })).toEqual({ name: '' });
    kept.set('doorward.draft.f', 'not json');
    expect(readDraft('f', { name: '' })).toEqual({ name: '' });
  });
});
