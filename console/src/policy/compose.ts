/** The Cedar text of a policy that was put together by choosing. */

export interface Parts {
  effect: 'permit' | 'forbid';
  who: 'anyone' | 'group' | 'role';
  whoName: string;
  actions: string[];
  what: 'anything' | 'target' | 'account' | 'application' | 'label';
  whatName: string;
  secondFactor: boolean;
  passkey: boolean;
  /** Minutes since the last proof, at most; 0 for no limit. */
  fresh: number;
  reason: boolean;
  approvals: number;
  /** Hours, at most; 0 for no limit. */
  hours: number;
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
  if (p.what === 'application') return `resource == ${entity('Application', p.whatName)}`;
  return 'resource';
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
  return all;
}

export function compose(p: Parts): string {
  const head = `${p.effect} (\n  ${principal(p)},\n  ${action(p)},\n  ${resource(p)}\n)`;
  const all = conditions(p);
  return all.length === 0 ? `${head};\n` : `${head}\nwhen {\n  ${all.join(' &&\n  ')}\n};\n`;
}
