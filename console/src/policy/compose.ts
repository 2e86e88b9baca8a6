/** The Cedar text of a policy that was put together by choosing. */

export interface Parts {
  effect: 'permit' | 'forbid';
  who: 'anyone' | 'group' | 'role';
  whoName: string;
  actions: string[];
  what: 'anything' | 'target' | 'account' | 'application' | 'secret' | 'label';
  whatName: string;
  secondFactor: boolean;
  passkey: boolean;
  /** Minutes since the last proof, at most; 0 for no limit. */
  fresh: number;
  reason: boolean;
  approvals: number;
  /** Hours, at most; 0 for no limit. */
  hours: number;
  device: boolean;
  /** Networks in CIDR notation, apart by spaces or commas; none for anywhere. */
  networks: string;
  /** Times of day in UTC, `08:00`; both or neither. */
  from: string;
  until: string;
}

export const EMPTY: Parts = {
  effect: 'permit',
  who: 'group',
  whoName: '',
  actions: ['session:open'],
  what: 'label',
  whatName: 'env=prod',
  secondFactor: true,
  passkey: false,
  fresh: 0,
  reason: false,
  approvals: 0,
  hours: 0,
  device: false,
  networks: '',
  from: '',
  until: '',
};

/** A string as Cedar writes it: nothing that was typed can end it. */
export function quoted(text: string): string {
  const escaped = [...text].map(c => {
    if (c === '"' || c === '\\') return `\\${c}`;
    const code = c.codePointAt(0) ?? 0;
    return code < 0x20 || code === 0x7f ? `\\u{${code.toString(16)}}` : c;
  });
  return `"${escaped.join('')}"`;
}

const entity = (type: string, name: string) => `Doorward::${type}::${quoted(name)}`;

function principal(p: Parts): string {
  if (p.who === 'group') return `principal in ${entity('Group', p.whoName)}`;
  if (p.who === 'role') return `principal in ${entity('Role', p.whoName)}`;
  return 'principal';
}

function action(p: Parts): string {
  const all = p.actions.map(a => entity('Action', a));
  if (all.length === 0) return 'action';
  return all.length === 1 ? `action == ${all[0]}` : `action in [\n    ${all.join(',\n    ')}\n  ]`;
}

function resource(p: Parts): string {
  if (p.what === 'target') return `resource in ${entity('Target', p.whatName)}`;
  if (p.what === 'account') return `resource == ${entity('Account', p.whatName)}`;
  if (p.what === 'secret') return `resource == ${entity('Secret', p.whatName)}`;
  if (p.what === 'application') return `resource == ${entity('Application', p.whatName)}`;
  return 'resource';
}

/** `08:30` as Cedar writes a duration; none when it is no time of day. */
function timeOfDay(text: string): string | undefined {
  const [, h, m] = text.match(/^(\d{1,2}):(\d{2})$/) ?? [];
  if (h === undefined || m === undefined) return undefined;
  return `duration("${Number(h)}h${Number(m) > 0 ? `${Number(m)}m` : ''}")`;
}

function times(p: Parts): string | undefined {
  const [from, until] = [timeOfDay(p.from), timeOfDay(p.until)];
  if (!from || !until) return undefined;
  // From the evening to the morning it is one or the other.
  const over = p.from.padStart(5, '0') < p.until.padStart(5, '0') ? '&&' : '||';
  return `(context.date.toTime() >= ${from} ${over} context.date.toTime() < ${until})`;
}

function networks(p: Parts): string | undefined {
  const all = p.networks.split(/[\s,]+/).filter(Boolean);
  if (all.length === 0) return undefined;
  const ranges = all.map(n => `context.address.isInRange(ip(${quoted(n)}))`);
  return `context has address && ${all.length === 1 ? ranges[0] : `(${ranges.join(' || ')})`}`;
}

/** What has to be chosen before the text says what was meant. */
export function missing(p: Parts): ('who-group' | 'who-role' | 'what' | 'times')[] {
  const all: ReturnType<typeof missing> = [];
  if (p.who !== 'anyone' && p.whoName.trim() === '') all.push(`who-${p.who}`);
  if (p.what !== 'anything' && p.whatName.trim() === '') all.push('what');
  if ((p.from === '') !== (p.until === '')) all.push('times');
  return all;
}

function conditions(p: Parts): string[] {
  const all: string[] = [];
  if (p.what === 'label') all.push(`resource.labels.contains(${quoted(p.whatName)})`);
  if (p.secondFactor) all.push('context.aal >= 2');
  if (p.passkey) all.push('context.phishing_resistant');
  if (p.fresh > 0) all.push(`context has proof_age && context.proof_age <= ${p.fresh * 60}`);
  if (p.reason) all.push('context.reason');
  if (p.approvals > 0) all.push(`context.approvals >= ${p.approvals}`);
  if (p.hours > 0) all.push(`context has duration && context.duration <= ${p.hours * 3600}`);
  if (p.device) all.push('context.managed_device');
  const [where, when] = [networks(p), times(p)];
  if (where) all.push(where);
  if (when) all.push(when);
  return all;
}

export function compose(p: Parts): string {
  const head = `${p.effect} (\n  ${principal(p)},\n  ${action(p)},\n  ${resource(p)}\n)`;
  const all = conditions(p);
  return all.length === 0 ? `${head};\n` : `${head}\nwhen {\n  ${all.join(' &&\n  ')}\n};\n`;
}
