/**
 * What is being typed, kept for this tab until it is sent: a reload, an error
 * or a session that ends loses nothing. Secrets never come here.
 */
const PREFIX = 'doorward.draft.';

export function readDraft<T extends object>(key: string, initial: T): T {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(PREFIX + key) ?? 'null');
    if (typeof kept !== 'object' || kept === null) return initial;
    const known = Object.fromEntries(
      Object.entries(kept).filter(
        ([name, value]) => name in initial && typeof value === typeof initial[name as keyof T],
      ),
    );
    return { ...initial, ...known };
  } catch {
    return initial;
  }
}

export function keepDraft<T extends object>(
  key: string,
  values: T,
  secret: readonly (keyof T)[],
): void {
  const open = Object.fromEntries(
    Object.entries(values).filter(([name]) => !secret.includes(name as keyof T)),
  );
  try {
    sessionStorage.setItem(PREFIX + key, JSON.stringify(open));
  } catch {
    // A full or refused store loses the comfort, not the form.
  }
}

export function dropDraft(key: string): void {
  sessionStorage.removeItem(PREFIX + key);
}
