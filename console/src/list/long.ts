/**
 * Lists that somebody went far into. Reading all their pages again at each change
 * of the house would be felt; they say that they changed, and are read anew when
 * the reader wants it.
 */
const LONG = 5;

export function isLong(data: unknown): boolean {
  const pages = typeof data === 'object' && data !== null && 'pages' in data ? data.pages : [];
  return Array.isArray(pages) && pages.length > LONG;
}
