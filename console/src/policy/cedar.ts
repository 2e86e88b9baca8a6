/** Cedar, for an editor: what is a word, what is a name, where a line belongs. */
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import {
  HighlightStyle,
  LanguageSupport,
  StreamLanguage,
  syntaxHighlighting,
} from '@codemirror/language';
import { tags } from '@lezer/highlight';
import { ACTIONS, FACTS, ON, TYPES } from './schema';

const EFFECTS = new Set(['permit', 'forbid']);
const CLAUSES = new Set(['when', 'unless']);
const SCOPE = new Set(['principal', 'action', 'resource', 'context']);
const OPERATORS = new Set(['in', 'is', 'has', 'like', 'if', 'then', 'else']);

interface State {
  /** Names after `::` are types. */
  path: boolean;
}

export const cedarLanguage = StreamLanguage.define<State>({
  name: 'cedar',
  startState: () => ({ path: false }),
  token(stream, state) {
    if (stream.eatSpace()) return null;
    if (stream.match('//')) {
      stream.skipToEnd();
      return 'comment';
    }
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) {
      state.path = false;
      return 'string';
    }
    if (stream.match(/^\d+/)) return 'number';
    if (stream.match(/^@[A-Za-z_]\w*/)) return 'meta';
    const word = stream.match(/^[A-Za-z_]\w*/) as RegExpMatchArray | null;
    if (word) {
      const name = word[0];
      if (stream.match(/^::/, false) || state.path) {
        state.path = stream.match(/^::/) !== null;
        return 'typeName';
      }
      if (EFFECTS.has(name)) return 'keyword';
      if (CLAUSES.has(name)) return 'controlKeyword';
      if (SCOPE.has(name)) return 'variableName';
      if (OPERATORS.has(name)) return 'operatorKeyword';
      if (name === 'true' || name === 'false') return 'bool';
      return 'propertyName';
    }
    if (stream.match(/^(==|!=|<=|>=|&&|\|\||[<>!+\-*])/)) return 'operator';
    stream.next();
    return 'punctuation';
  },
  languageData: {
    commentTokens: { line: '//' },
    closeBrackets: { brackets: ['(', '[', '{', '"'] },
  },
  tokenTable: { controlKeyword: tags.controlKeyword, operatorKeyword: tags.operatorKeyword },
});

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--accent)', fontWeight: '650' },
  { tag: tags.controlKeyword, color: 'var(--accent)', fontWeight: '600' },
  { tag: tags.operatorKeyword, color: 'var(--accent)' },
  { tag: tags.variableName, color: 'var(--ink)', fontWeight: '600' },
  { tag: tags.typeName, color: 'var(--soft)' },
  { tag: tags.string, color: 'var(--warn)' },
  { tag: [tags.number, tags.bool], color: 'var(--bad)' },
  { tag: tags.comment, color: 'var(--soft)', fontStyle: 'italic' },
  { tag: tags.meta, color: 'var(--soft)' },
]);

export function cedar(): LanguageSupport {
  return new LanguageSupport(cedarLanguage, syntaxHighlighting(colours));
}

const option = (label: string, type: string, detail?: string): Completion => ({
  label,
  type,
  ...(detail ? { detail } : {}),
});

/** The types of resource that the actions named in the statement are done to. */
function resources(before: string): string[] {
  const start = Math.max(before.lastIndexOf('permit'), before.lastIndexOf('forbid'));
  const statement = start < 0 ? before : before.slice(start);
  const named = [...statement.matchAll(/Action::"([^"]*)"/g)].flatMap(
    m => ON.get(m[1] ?? '') ?? [],
  );
  return named.length > 0 ? [...new Set(named)] : [...TYPES.keys()];
}

const PRINCIPALS = ['Person', 'Workload'];

/** What a thing of one of these types may have. */
function attributes(types: readonly string[]): Completion[] {
  const all = new Map(types.flatMap(x => [...(TYPES.get(x) ?? [])]));
  return [...all].map(([name, kind]) => option(name, 'property', kind));
}

const MEMBER = /(context|principal|resource)(\.| has )\w*/;

/** What may stand here, from the schema. */
export function complete(at: CompletionContext): CompletionResult | null {
  const action = at.matchBefore(/Action::"[\w:-]*/);
  if (action) {
    return {
      from: action.from + 'Action::"'.length,
      options: ACTIONS.map(a => option(a, 'constant', ON.get(a)?.join(', '))),
    };
  }
  const type = at.matchBefore(/Doorward::\w*/);
  if (type) {
    return {
      from: type.from + 'Doorward::'.length,
      options: ['Action', ...TYPES.keys()].map(x => option(x, 'type')),
    };
  }
  const member = at.matchBefore(MEMBER);
  if (member) {
    const [before = '', of] = member.text.match(/^(context|principal|resource)(?:\.| has )/) ?? [];
    const from = member.from + before.length;
    if (of === 'context') {
      return { from, options: [...FACTS].map(([name, kind]) => option(name, 'property', kind)) };
    }
    const types =
      of === 'principal' ? PRINCIPALS : resources(at.state.doc.sliceString(0, member.from));
    return { from, options: attributes(types) };
  }
  const word = at.matchBefore(/[A-Za-z_]\w*/);
  if (!word && !at.explicit) return null;
  return {
    from: word?.from ?? at.pos,
    options: [
      ...[...EFFECTS, ...CLAUSES, ...OPERATORS].map(w => option(w, 'keyword')),
      ...[...SCOPE].map(w => option(w, 'variable')),
      option('Doorward::', 'namespace'),
    ],
  };
}
