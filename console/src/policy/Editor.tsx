/** A text field for Cedar, with what is wrong marked as one types. */
import { autocompletion, closeBrackets, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching, indentUnit } from '@codemirror/language';
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { useEffect, useRef } from 'react';
import type { Schemas } from '../api/client';
import { nonce } from '../app/house';
import { cedar, complete } from './cedar';
import css from './Editor.module.css';

type TextProblem = Schemas['PolicyProblem'];

const look = EditorView.theme({
  '&': { backgroundColor: 'var(--card)', color: 'var(--ink)', fontSize: '.875rem' },
  '.cm-content': { fontFamily: 'var(--mono)', caretColor: 'var(--ink)', padding: '.6rem 0' },
  '.cm-cursor': { borderInlineStartColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'var(--sunk)', color: 'var(--soft)', border: '0' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--sunk) 55%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--ink)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--wash)',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--card)',
    border: '1px solid var(--line)',
    borderRadius: '.5rem',
    overflow: 'hidden',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--wash)',
    color: 'var(--ink)',
  },
  // The marks of its own are pictures by data:, which the page's policy refuses.
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--bad)',
    textUnderlineOffset: '.2em',
  },
  '.cm-lint-marker-error': {
    content: 'normal',
    width: '.6rem',
    height: '.6rem',
    margin: '.3rem',
    borderRadius: '50%',
    backgroundColor: 'var(--bad)',
  },
  '.cm-diagnostic': { fontFamily: 'var(--sans)', padding: '.4rem .7rem' },
  '&.cm-focused': { outline: 'none' },
});

/**
 * What is typed over a selection is put in here: the browser would keep the look of what
 * stood there as a style of its own, which the page's policy refuses.
 */
const typedOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { from, to } = view.state.selection.main;
    const text = event.data;
    if (event.inputType !== 'insertText' || !text || from === to) return false;
    if (view.composing || view.state.readOnly) return false;
    const usual = () =>
      view.state.update(view.state.replaceSelection(text), {
        userEvent: 'input.type',
        scrollIntoView: true,
      });
    const others = view.state.facet(EditorView.inputHandler);
    if (!others.some(handler => handler(view, from, to, text, usual))) view.dispatch(usual());
    event.preventDefault();
    return true;
  },
});

function diagnostics(state: EditorState, problems: readonly TextProblem[]): Diagnostic[] {
  return problems.map(p => {
    const line = state.doc.line(Math.min(Math.max(1, p.line), state.doc.lines));
    const from = Math.min(line.to, line.from + Math.max(0, p.column - 1));
    const rest = state.doc.sliceString(from, line.to).match(/^\S+/)?.[0].length ?? 0;
    return {
      from,
      to: from + Math.max(rest, from < line.to ? 1 : 0),
      severity: 'error',
      message: p.help ? `${p.message}\n${p.help}` : p.message,
    };
  });
}

export function Editor({
  value,
  onChange,
  problems,
  label,
  readOnly,
}: {
  value: string;
  onChange: (text: string) => void;
  problems: readonly TextProblem[];
  label: string;
  readOnly?: boolean;
}) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const told = useRef(onChange);
  told.current = onChange;
  const first = useRef({ value, label, readOnly });

  useEffect(() => {
    if (!box.current) return;
    const made = new EditorView({
      parent: box.current,
      state: EditorState.create({
        doc: first.current.value,
        extensions: [
          EditorView.cspNonce.of(nonce()),
          lineNumbers(),
          history(),
          drawSelection(),
          highlightActiveLine(),
          bracketMatching(),
          closeBrackets(),
          autocompletion({ override: [complete] }),
          lintGutter(),
          indentUnit.of('  '),
          cedar(),
          look,
          typedOver,
          EditorView.lineWrapping,
          EditorState.readOnly.of(first.current.readOnly ?? false),
          EditorView.contentAttributes.of({
            'aria-label': first.current.label,
            dir: 'ltr',
            tabindex: '0',
          }),
          // Tab leaves the field, as everywhere.
          keymap.of([...completionKeymap, ...historyKeymap, ...defaultKeymap]),
          EditorView.updateListener.of(u => {
            if (u.docChanged) told.current(u.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    return () => {
      made.destroy();
      view.current = undefined;
    };
  }, []);

  useEffect(() => {
    const v = view.current;
    if (v && v.state.doc.toString() !== value) {
      v.dispatch({ changes: { from: 0, to: v.state.doc.length, insert: value } });
    }
  }, [value]);

  useEffect(() => {
    const v = view.current;
    if (v) v.dispatch(setDiagnostics(v.state, diagnostics(v.state, problems)));
  }, [problems]);

  return (
    <div ref={box} className={css.editor} dir="ltr" data-wrong={problems.length > 0 || undefined} />
  );
}
