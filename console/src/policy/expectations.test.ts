import { describe, expect, it } from 'vitest';
import { example, tableProblem } from './expectations';

describe('a table that cannot be run', () => {
  it('says in which line, and what is wrong there', () => {
    const told = [
      'TOML parse error at line 3, column 13',
      '  |',
      '3 | principal = eve',
      '  |             ^',
      'string values must be quoted, expected literal string',
      '',
    ].join('\n');
    expect(tableProblem(told)).toEqual({
      line: 3,
      column: 13,
      message: 'string values must be quoted, expected literal string',
    });
  });

  it('says in which row, or all that it knows', () => {
    expect(tableProblem('row 2: nobody is called "eve"')).toEqual({
      row: 2,
      message: 'nobody is called "eve"',
    });
    expect(tableProblem('no')).toEqual({ message: 'no' });
  });
});

it('begins with what holds for the reader, and no string ends where it should not', () => {
  const text = example('a"b', { mine: 'I may "sign in"', prod: 'Production' });
  expect(text).toContain('principal = "a\\"b"');
  expect(text).toContain('name = "I may \\"sign in\\""');
  expect(text.split('\n').filter(l => l.startsWith('[[expect]]'))).toHaveLength(1);
});
