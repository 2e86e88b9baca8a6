/** A form: values that survive, one sending at a time, errors at their fields. */
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useCallback, useRef, useState } from 'react';
import { type Problem, problemOf } from '../api/problem';
import { dropDraft, keepDraft, readDraft } from './draft';
import { useTouched } from './Steady';

interface Options<T extends object, R> {
  /** Where the draft is kept. */
  key: string;
  initial: T;
  /** Fields that are never kept. */
  secret?: readonly (keyof T)[];
  /** Sends it; `attempt` is the same for each retry of the same values. */
  send: (values: T, attempt: string) => Promise<R>;
  onDone: (result: R, values: T) => void;
}

export interface Form<T extends object> {
  values: T;
  set: <K extends keyof T>(name: K, value: T[K]) => void;
  /** For a text field or a select; `field` is what the server calls it. */
  text: (
    name: keyof T & string,
    field?: string,
  ) => {
    name: string;
    value: string;
    onChange: (e: { target: { value: string } }) => void;
    error: string | undefined;
  };
  /** The refusal, when it belongs to no field in sight. */
  problem: Problem | undefined;
  error: (name: string) => string | undefined;
  busy: boolean;
  submit: (e?: FormEvent) => void;
  reset: () => void;
  changed: boolean;
}

/** `settings.host` and `host[0]` are errors of the field `host` too. */
function names(path: string, name: string): boolean {
  const field = path.replace(/\[\d+\]/g, '');
  return field === name || field.endsWith(`.${name}`) || field === name.replaceAll('_', '-');
}

export function useForm<T extends object, R>(options: Options<T, R>): Form<T> {
  const { key, initial, secret = [], send, onDone } = options;
  const [values, setValues] = useState<T>(() => readDraft(key, initial));
  // A draft that is found again is a change that is not saved.
  const [changed, setChanged] = useState(() => JSON.stringify(values) !== JSON.stringify(initial));
  useTouched(changed);
  const attempt = useRef<string>(undefined);
  const shown = useRef(new Set<string>());
  const mutation = useMutation<R, Error, T>({
    mutationFn: v => {
      attempt.current ??= crypto.randomUUID();
      return send(v, attempt.current);
    },
    onSuccess: (result, sent) => {
      attempt.current = undefined;
      dropDraft(key);
      setChanged(false);
      onDone(result, sent);
    },
  });
  const problem = problemOf(mutation.error);
  const set: Form<T>['set'] = (name, value) => {
    attempt.current = undefined;
    setChanged(true);
    setValues(old => {
      const next = { ...old, [name]: value };
      keepDraft(key, next, secret);
      return next;
    });
  };
  const error = (name: string) => {
    shown.current.add(name);
    if (!problem?.field || !names(problem.field, name)) return undefined;
    // It stands at the field: its name need not be said again.
    const said = `${problem.field}: `;
    return problem.detail.startsWith(said) ? problem.detail.slice(said.length) : problem.detail;
  };
  const submit = useCallback(
    (e?: FormEvent) => {
      e?.preventDefault();
      if (!mutation.isPending) mutation.mutate(values);
    },
    [mutation.isPending, mutation.mutate, values],
  );
  const atField =
    problem?.field !== undefined && [...shown.current].some(n => names(problem.field ?? '', n));
  return {
    values,
    set,
    text: (name, field = name) => ({
      name,
      value: String(values[name] ?? ''),
      onChange: e => set(name, e.target.value as T[typeof name]),
      // By either name: the server may call it otherwise than what is sent.
      error: error(field) ?? (field === name ? undefined : error(name)),
    }),
    problem: atField ? undefined : problem,
    error,
    busy: mutation.isPending,
    submit,
    reset: () => {
      dropDraft(key);
      setValues(initial);
      setChanged(false);
      mutation.reset();
    },
    changed,
  };
}
