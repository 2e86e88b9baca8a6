/** Fields of a form: what is wrong stands at the field, whoever found it. */
import { type ComponentProps, type FormEvent, type ReactNode, useId, useState } from 'react';
import { useWords } from '../i18n';
import { cx } from './cx';
import css from './Field.module.css';
import { firstWrong, wrong } from './wrong';

interface Frame {
  label: ReactNode;
  hint?: ReactNode;
  /** What is wrong with the value, from the server or from here. */
  error?: string | undefined;
  optional?: string;
  /** The label is read out, not shown. */
  bare?: boolean;
}

type Filled = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/**
 * What the rules of the field itself (`required`, `type`, …) say when it is sent: in
 * our words and at the field, instead of the browser's bubble. Writing takes it away.
 */
function useOwn(): [
  string | undefined,
  { onInvalid: (e: FormEvent<Filled>) => void; onInput: () => void },
] {
  const words = useWords();
  const [own, setOwn] = useState<string>();
  return [
    own,
    {
      onInvalid: e => {
        e.preventDefault();
        const field = e.currentTarget;
        const { min = '', max = '' } = field as HTMLInputElement;
        setOwn(wrong(words, field.validity, { type: field.type, min, max }));
        if (firstWrong(field)) field.focus();
      },
      onInput: () => setOwn(undefined),
    },
  ];
}

function Around({
  id,
  label,
  hint,
  error,
  optional,
  bare,
  children,
}: Frame & { id: string; children: ReactNode }) {
  return (
    <div className={css.field}>
      <label htmlFor={id} className={bare ? 'hide' : css.label}>
        {label}
        {optional && <span className={css.optional}> {optional}</span>}
      </label>
      {children}
      {hint && (
        <p id={`${id}-hint`} className={css.hint}>
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className={css.error} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

function described(id: string, { hint, error }: Frame) {
  const ids = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return { id, 'aria-describedby': ids || undefined, 'aria-invalid': error ? true : undefined };
}

export function TextField({
  label,
  hint,
  error,
  optional,
  bare,
  mono,
  className,
  ...rest
}: Frame & ComponentProps<'input'> & { mono?: boolean }) {
  const id = useId();
  const [own, rules] = useOwn();
  const frame = { label, hint, error: own ?? error, optional, bare };
  return (
    <Around id={id} {...frame}>
      <input
        autoComplete="off"
        spellCheck={mono ? false : undefined}
        {...rest}
        {...rules}
        {...described(id, frame)}
        className={cx(css.input, mono && 'mono', className)}
      />
    </Around>
  );
}

/** From here on, what is left is told, in characters. */
const NEARLY = 50;

export function TextArea({
  label,
  hint,
  error,
  optional,
  bare,
  mono,
  most,
  ...rest
}: Frame &
  ComponentProps<'textarea'> & {
    mono?: boolean;
    /** So many characters at most; near them, what is left is told. */
    most?: number;
  }) {
  const { t } = useWords();
  const left = most === undefined ? undefined : most - [...String(rest.value ?? '')].length;
  const id = useId();
  const [own, rules] = useOwn();
  const frame = { label, hint, error: own ?? error, optional, bare };
  return (
    <Around id={id} {...frame}>
      <textarea
        rows={3}
        spellCheck={mono ? false : undefined}
        maxLength={most}
        {...rest}
        {...rules}
        {...described(id, frame)}
        className={cx(css.input, css.area, mono && 'mono')}
      />
      {left !== undefined && (
        <p className={cx(css.left, left < 0 && css.error)} role="status">
          {left < NEARLY && t('field-left', { n: Math.max(0, left) })}
        </p>
      )}
    </Around>
  );
}

export function SelectField({
  label,
  hint,
  error,
  optional,
  bare,
  children,
  ...rest
}: Frame & ComponentProps<'select'>) {
  const id = useId();
  const [own, rules] = useOwn();
  const frame = { label, hint, error: own ?? error, optional, bare };
  return (
    <Around id={id} {...frame}>
      <select {...rest} {...rules} {...described(id, frame)} className={cx(css.input, css.select)}>
        {children}
      </select>
    </Around>
  );
}

export function Checkbox({
  label,
  hint,
  ...rest
}: Omit<ComponentProps<'input'>, 'type'> & { label: ReactNode; hint?: ReactNode }) {
  const id = useId();
  return (
    <div className={css.tick}>
      <input type="checkbox" {...rest} id={id} aria-describedby={hint ? `${id}-hint` : undefined} />
      <div>
        <label htmlFor={id}>{label}</label>
        {hint && (
          <p id={`${id}-hint`} className={css.hint}>
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}

/** One of a few, all in sight. */
export function Choice<V extends string>({
  legend,
  value,
  options,
  onChange,
  name,
}: {
  legend: string;
  value: V;
  name: string;
  options: { value: V; label: ReactNode; hint?: ReactNode }[];
  onChange: (value: V) => void;
}) {
  const id = useId();
  return (
    <fieldset className={css.field}>
      <legend className={css.label}>{legend}</legend>
      <div className={css.choice}>
        {options.map(o => (
          <label key={o.value} className={css.option} data-on={o.value === value || undefined}>
            <input
              type="radio"
              name={`${id}-${name}`}
              checked={o.value === value}
              onChange={() => onChange(o.value)}
            />
            <span>
              {o.label}
              {o.hint && <small className={css.hint}>{o.hint}</small>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
