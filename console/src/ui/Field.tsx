import { type ComponentProps, type ReactNode, useId } from 'react';
import { cx } from './cx';
import css from './Field.module.css';

interface Frame {
  label: ReactNode;
  hint?: ReactNode;
  /** What is wrong with the value, from the server or from here. */
  error?: string | undefined;
  optional?: string;
  /** The label is read out, not shown. */
  bare?: boolean;
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
  const frame = { label, hint, error, optional, bare };
  return (
    <Around id={id} {...frame}>
      <input
        autoComplete="off"
        spellCheck={mono ? false : undefined}
        {...rest}
        {...described(id, frame)}
        className={cx(css.input, mono && 'mono', className)}
      />
    </Around>
  );
}

export function TextArea({
  label,
  hint,
  error,
  optional,
  bare,
  mono,
  ...rest
}: Frame & ComponentProps<'textarea'> & { mono?: boolean }) {
  const id = useId();
  const frame = { label, hint, error, optional, bare };
  return (
    <Around id={id} {...frame}>
      <textarea
        rows={3}
        spellCheck={mono ? false : undefined}
        {...rest}
        {...described(id, frame)}
        className={cx(css.input, css.area, mono && 'mono')}
      />
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
  const frame = { label, hint, error, optional, bare };
  return (
    <Around id={id} {...frame}>
      <select {...rest} {...described(id, frame)} className={cx(css.input, css.select)}>
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
