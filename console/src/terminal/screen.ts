/**
 * A terminal that only shows. `@xterm/headless` keeps the screen; this draws
 * its cells as text nodes. Nothing that a target sends can do anything here:
 * there is no link, no title, no clipboard, no answer to a question, no markup.
 */
import { type IBufferCell, Terminal } from '@xterm/headless';
import type { CastEvent, Size } from './cast';
import { cellText } from './text';

/** OSC commands that would reach outside of the screen. */
const DEAF = [
  0, 1, 2, 4, 5, 7, 8, 9, 10, 11, 12, 13, 17, 19, 22, 50, 52, 104, 105, 110, 111, 112, 133, 633,
  777, 1337,
];

interface Style {
  classes: string;
  fg: string;
  bg: string;
}

function rgb(value: number): string {
  return `rgb(${(value >> 16) & 255} ${(value >> 8) & 255} ${value & 255})`;
}

/** The xterm palette beyond the sixteen colours of the theme. */
function palette(index: number): string {
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return `rgb(${grey} ${grey} ${grey})`;
  }
  const step = (n: number) => (n === 0 ? 0 : 55 + n * 40);
  const at = index - 16;
  return `rgb(${step(Math.floor(at / 36))} ${step(Math.floor(at / 6) % 6)} ${step(at % 6)})`;
}

function style(cell: IBufferCell): Style {
  const names: string[] = [];
  let [fg, bg] = ['', ''];
  if (cell.isFgRGB()) fg = rgb(cell.getFgColor());
  else if (cell.isFgPalette()) {
    const n = cell.getFgColor();
    if (n < 16) names.push(`f${n}`);
    else fg = palette(n);
  }
  if (cell.isBgRGB()) bg = rgb(cell.getBgColor());
  else if (cell.isBgPalette()) {
    const n = cell.getBgColor();
    if (n < 16) names.push(`b${n}`);
    else bg = palette(n);
  }
  if (cell.isInverse()) names.push('inv');
  if (cell.isBold()) names.push('bold');
  if (cell.isDim()) names.push('dim');
  if (cell.isItalic()) names.push('ital');
  if (cell.isUnderline()) names.push('under');
  if (cell.isStrikethrough()) names.push('strike');
  if (cell.isInvisible()) names.push('gone');
  return { classes: names.join(' '), fg, bg };
}

export class Screen {
  private term: Terminal;
  private rows: { el: HTMLElement; key: string }[] = [];
  private frame = 0;
  private closed = false;
  /** Told when the size changes. */
  onSize: (size: Size) => void = () => {};
  /** Told when it was drawn. */
  onDraw: () => void = () => {};

  constructor(
    private readonly box: HTMLElement,
    private size: Size,
  ) {
    this.term = this.open(size);
  }

  private open(size: Size): Terminal {
    const term = new Terminal({ ...size, scrollback: 0, allowProposedApi: true, logLevel: 'off' });
    for (const osc of DEAF) term.parser.registerOscHandler(osc, () => true);
    return term;
  }

  /** An empty screen of this size. */
  reset(size: Size): void {
    this.term.dispose();
    this.size = size;
    this.term = this.open(size);
    this.onSize(size);
    this.soon();
  }

  /** Shows these, and calls `done` when they are on the screen. */
  show(events: readonly CastEvent[], done?: () => void): void {
    const term = this.term;
    let pending = '';
    const flush = () => {
      if (pending !== '') term.write(pending);
      pending = '';
    };
    for (const event of events) {
      if (event.kind === 'output') pending += event.data;
      else {
        flush();
        const { size } = event;
        term.write('', () => {
          if (term !== this.term) return;
          term.resize(size.cols, size.rows);
          this.size = size;
          this.onSize(size);
        });
      }
    }
    flush();
    term.write('', () => {
      if (term !== this.term || this.closed) return;
      this.soon();
      done?.();
    });
  }

  close(): void {
    this.closed = true;
    cancelAnimationFrame(this.frame);
    this.term.dispose();
    this.box.replaceChildren();
  }

  private soon(): void {
    if (this.frame !== 0 || this.closed) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      if (!this.closed) this.draw();
    });
  }

  private draw(): void {
    const buffer = this.term.buffer.active;
    const { rows } = this.size;
    while (this.rows.length < rows) {
      const el = document.createElement('div');
      this.box.append(el);
      this.rows.push({ el, key: '' });
    }
    for (const { el } of this.rows.splice(rows)) el.remove();
    const cell = buffer.getNullCell();
    this.rows.forEach((row, y) => {
      const cursor = y === buffer.cursorY ? buffer.cursorX : -1;
      const runs = this.runs(buffer.baseY + y, cursor, cell);
      const key = JSON.stringify(runs);
      if (key === row.key) return;
      row.key = key;
      row.el.replaceChildren(...runs.map(run => span(run)));
    });
    this.onDraw();
  }

  private runs(y: number, cursor: number, cell: IBufferCell): Run[] {
    const line = this.term.buffer.active.getLine(y);
    const runs: Run[] = [];
    if (!line) return runs;
    for (let x = 0; x < this.size.cols; x += 1) {
      if (!line.getCell(x, cell)) break;
      const width = cell.getWidth();
      if (width === 0) continue;
      const look = style(cell);
      if (x === cursor) look.classes += ' cur';
      if (width === 2) look.classes += ' wide';
      const last = runs.at(-1);
      const same =
        last && last.classes === look.classes && last.fg === look.fg && last.bg === look.bg;
      const chars = cellText(cell.getChars()) || ' ';
      if (same && width === 1) last.text += chars;
      else runs.push({ ...look, text: chars });
    }
    const last = runs.at(-1);
    if (last && last.classes === '' && last.bg === '') last.text = last.text.trimEnd();
    return runs;
  }
}

interface Run extends Style {
  text: string;
}

function span(run: Run): Node {
  if (run.classes === '' && run.fg === '' && run.bg === '')
    return document.createTextNode(run.text);
  const el = document.createElement('span');
  el.className = run.classes;
  if (run.fg) el.style.color = run.fg;
  if (run.bg) el.style.backgroundColor = run.bg;
  el.textContent = run.text;
  return el;
}
