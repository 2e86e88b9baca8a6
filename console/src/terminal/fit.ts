/** How large the letters of a terminal are. */
import type { Size } from './cast';

/** The width of a character and the height of a line, in parts of the font's size. */
const CELL = { width: 0.602, height: 1.25 };

/** What is drawn by itself: never too small to be read, whatever has to be scrolled for it. */
export const LETTERS = { least: 10, most: 15, mostBig: 26 };

/** What can be chosen, and by how much it changes at once. */
const CHOSEN = { least: 5, most: 40 };

export interface Room {
  width: number;
  height: number;
}

/** As large as fits, in pixels; `big` has the whole window for it. */
export function fitting(room: Room, size: Size, big: boolean): number {
  const byWidth = room.width / (size.cols * CELL.width);
  const byHeight = room.height > 100 ? room.height / (size.rows * CELL.height) : byWidth;
  const most = big ? LETTERS.mostBig : LETTERS.most;
  return Math.max(LETTERS.least, Math.min(most, byWidth, byHeight));
}

/** One step larger or smaller, from whatever is drawn. */
export function zoomed(font: number, by: 1 | -1): number {
  const whole = by > 0 ? Math.floor(font) : Math.ceil(font);
  const step = whole < 16 || (whole === 16 && by < 0) ? 1 : 2;
  return Math.max(CHOSEN.least, Math.min(CHOSEN.most, whole + by * step));
}
