/** The same again and again, as one. */

export interface Folded<T> {
  /** The first of them. */
  item: T;
  /** How many there were in a row. */
  times: number;
}

/** What follows one of the same kind counts with it. */
export function fold<T>(items: T[], kind: (item: T) => string): Folded<T>[] {
  const folded: Folded<T>[] = [];
  for (const item of items) {
    const last = folded.at(-1);
    if (last && kind(last.item) === kind(item)) last.times += 1;
    else folded.push({ item, times: 1 });
  }
  return folded;
}
