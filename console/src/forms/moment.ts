/** Between a field for a day and time, in the reader's zone, and RFC 3339. */
export function moment(text: string): string | null {
  if (text === '') return null;
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? text : at.toISOString();
}

/** To the minute, which is what people choose; with the seconds, where it was measured. */
export function local(at: string | null | undefined, to: 'minute' | 'second' = 'minute'): string {
  if (!at) return '';
  const date = new Date(at);
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, to === 'minute' ? 16 : 19);
}
