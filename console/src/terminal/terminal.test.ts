import { describe, expect, it } from 'vitest';
import { type CastEvent, Lines, parseEvent, parseHeader, Reader } from './cast';
import { Player } from './player';
import { cellText, Index, Plain, straight } from './text';

const out = (at: number, data: string): CastEvent => ({ kind: 'output', at, data });
const recording = (events: CastEvent[]) => ({
  header: { size: { cols: 80, rows: 24 }, timestamp: undefined },
  events,
  length: events.at(-1)?.at ?? 0,
});
const text = (events: CastEvent[]) => events.map(e => (e.kind === 'output' ? e.data : '')).join('');

describe('asciicast', () => {
  it('reads headers and events', () => {
    expect(parseHeader('{"version":2,"width":100,"height":30,"timestamp":5}')).toEqual({
      size: { cols: 100, rows: 30 },
      timestamp: 5,
    });
    expect(parseEvent('[1.5,"o","hi"]')).toEqual(out(1.5, 'hi'));
    expect(parseEvent('[2,"r","120x40"]')).toEqual({
      kind: 'resize',
      at: 2,
      size: { cols: 120, rows: 40 },
    });
  });

  it('leaves out what is not an event', () => {
    for (const bad of [
      '',
      '{',
      '[]',
      '[-1,"o","x"]',
      '["1","o","x"]',
      '[1,"o",5]',
      '[1,"x","y"]',
      '[1,"r","axb"]',
      'null',
    ]) {
      expect(parseEvent(bad)).toBeUndefined();
    }
    for (const bad of ['', '[]', '{"version":1}', 'null', '5'])
      expect(parseHeader(bad)).toBeUndefined();
  });

  it('holds sizes within bounds, however large the target says that it is', () => {
    expect(parseHeader('{"version":2,"width":1e9,"height":-5}')?.size).toEqual({
      cols: 500,
      rows: 1,
    });
    expect(parseEvent('[0,"r","9999x9999"]')).toMatchObject({ size: { cols: 500, rows: 200 } });
  });

  it('cuts lines wherever the chunks are cut, inside a character too', () => {
    const bytes = new TextEncoder().encode('[0,"o","ä"]\n[1,"o","b"]\n');
    const lines = new Lines();
    const got = [...bytes].flatMap(b => lines.push(new Uint8Array([b])));
    expect([...got, ...lines.end()]).toEqual(['[0,"o","ä"]', '[1,"o","b"]']);
  });

  it('never lets time run backwards', () => {
    const reader = new Reader();
    for (const l of ['{"version":2,"width":80,"height":24}', '[2,"o","a"]', '[1,"o","b"]'])
      reader.keep(l);
    expect(reader.done().events.map(e => e.at)).toEqual([2, 2]);
    expect(reader.done().length).toBe(2);
  });
});

describe('player', () => {
  const events = [out(0, 'a'), out(1, 'b'), out(61, 'c'), out(62, 'd')];

  it('plays in time', () => {
    const player = new Player(recording(events));
    player.skipIdle = false;
    expect(text(player.tick(0.5).events)).toBe('a');
    expect(text(player.tick(0.6).events)).toBe('b');
    expect(player.at).toBeCloseTo(1.1);
    expect(text(player.tick(59).events)).toBe('');
    expect(text(player.tick(2).events)).toBe('cd');
    expect(player.over).toBe(true);
  });

  it('shortens waits when idle time is skipped', () => {
    const player = new Player(recording(events));
    player.tick(1);
    expect(text(player.tick(1).events)).toBe('');
    expect(player.at).toBeCloseTo(31);
    expect(text(player.tick(1).events)).toBe('c');
  });

  it('plays faster', () => {
    const player = new Player(recording(events));
    player.speed = 4;
    expect(text(player.tick(0.9).events)).toBe('abc');
  });

  it('seeks forward with what is new, backward from an empty screen', () => {
    const player = new Player(recording(events));
    expect(player.seek(61)).toEqual({ fresh: false, events: events.slice(0, 3) });
    expect(player.seek(62)).toEqual({ fresh: false, events: events.slice(3) });
    expect(player.seek(1)).toEqual({ fresh: true, events: events.slice(0, 2) });
    expect(player.seek(-5).fresh).toBe(true);
    expect(player.seek(999).events.at(-1)).toEqual(events.at(-1));
    expect(player.at).toBe(62);
  });
});

describe('text of a recording', () => {
  it('passes over every kind of control sequence, cut anywhere', () => {
    const nasty =
      'a\u001b[31mb\u001b]0;title\u0007c\u001b]8;;https://evil.example\u001b\\d\u001b]8;;\u001b\\' +
      '\u001bPdcs\u001b\\e\u001b(Bf\u009b1mg\u001b_apc\u001b\\h\u0000\u0007i';
    const plain = new Plain();
    expect([...nasty].map(c => plain.push(c)).join('')).toBe('abcdefghi');
  });

  it('finds a word that came in pieces, and when it was there', () => {
    const index = new Index([out(1, 'su'), out(2, 'do\u001b[1m rm -rf /\r\n'), out(9, 'done\n')]);
    expect(index.find('SUDO')).toEqual([{ at: 2, line: 'sudo rm -rf /', from: 0, to: 4 }]);
    expect(index.find('done')[0]?.at).toBe(9);
    expect(index.find('  ')).toEqual([]);
  });
});

describe('text that turns its direction', () => {
  it('stands in the order in which it was sent', () => {
    expect(cellText('a\u202e')).toBe('a');
    expect(straight('rm \u202etxt.exe')).toBe('rm \ufffdtxt.exe');
    expect(straight('\u2067x\u2069\u200f')).toBe('\ufffdx\ufffd\ufffd');
    expect(new Plain().push('rm \u202etxt.exe')).toBe('rm txt.exe');
    // Letters that are read from the right are letters.
    expect(straight('\u05d0\u05d1')).toBe('\u05d0\u05d1');
  });
});
