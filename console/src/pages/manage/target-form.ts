/** Between the fields of a form and what a target holds. */

/** `env=prod, team=web` as labels; a word alone is `yes`. */
export function labelsOf(text: string): Record<string, string> {
  const pairs = text
    .split(/[,\n]/)
    .map(p => p.trim())
    .filter(Boolean)
    .map(p => {
      const at = p.indexOf('=');
      return at < 0 ? [p, 'yes'] : [p.slice(0, at).trim(), p.slice(at + 1).trim()];
    });
  return Object.fromEntries(pairs);
}

export function labelsText(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([k, v]) => `${k}=${v}`)
    .join(', ');
}

export interface SshSettings {
  host: string;
  port: number;
  host_keys: string[];
  where: string;
}

/** The settings of a target, as far as they are those of an SSH host. */
export function settingsOf(raw: unknown): SshSettings {
  const s = (typeof raw === 'object' && raw !== null ? raw : {}) as Record<string, unknown>;
  const host = typeof s.host === 'string' ? s.host : '';
  const port = typeof s.port === 'number' ? s.port : 22;
  const keys = Array.isArray(s.host_keys) ? s.host_keys.filter(k => typeof k === 'string') : [];
  return {
    host,
    port,
    host_keys: keys,
    where: host === '' ? '' : port === 22 ? host : `${host}:${port}`,
  };
}
