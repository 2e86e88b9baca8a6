/** The fields of a schema, in the reader's language where there are words for them. */
import type { ReactNode } from 'react';
import { useWords } from '../i18n';
import { Facts, Fields } from '../ui/bits';
import { Checkbox, SelectField, TextArea, TextField } from '../ui/Field';
import { type SchemaField, typedOf } from './schema';
import type { Form } from './useForm';

/** Keys of settings in a form do not meet those of the form itself. */
export const key = (name: string) => `settings:${name}`;

export function keyed(typed: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(typed).map(([name, text]) => [key(name), text]));
}

export function unkeyed(
  fields: readonly SchemaField[],
  values: Record<string, string>,
): Record<string, string> {
  return Object.fromEntries(fields.map(f => [f.name, values[key(f.name)] ?? '']));
}

export function SchemaFields({
  fields,
  form,
  kind,
  children,
}: {
  fields: readonly SchemaField[];
  form: Form<Record<string, string>>;
  /** Whose settings they are: the name of a protocol. */
  kind: string;
  /** What helps to fill them in. */
  children?: ReactNode;
}) {
  const { t, maybe } = useWords();
  // What must be said, or has something to say by itself, stands in sight.
  const main = fields.filter(f => f.required || f.fallback !== undefined);
  const rest = fields.filter(f => !main.includes(f));
  const draw = (f: SchemaField) => {
    const id = `setting-${kind}-${f.name.replaceAll('_', '-')}`;
    const label = maybe(id) ?? f.name.replaceAll('_', ' ');
    const hint = maybe(`${id}-hint`) ?? (maybe(id) ? undefined : f.about || undefined);
    const shared = {
      label,
      hint,
      required: f.required,
      optional: f.required || f.fallback !== undefined ? undefined : t('optional'),
      ...form.text(key(f.name), f.name),
    };
    switch (f.kind) {
      case 'tick':
        return (
          <Checkbox
            key={f.name}
            label={label}
            hint={hint}
            checked={shared.value === 'true'}
            onChange={e => form.set(key(f.name), String(e.target.checked))}
          />
        );
      case 'choice':
        return (
          <SelectField key={f.name} {...shared}>
            {!f.required && <option value="">–</option>}
            {f.options?.map(o => (
              <option key={o}>{o}</option>
            ))}
          </SelectField>
        );
      case 'lines':
      case 'json':
        return <TextArea key={f.name} mono rows={f.kind === 'json' ? 5 : 3} {...shared} />;
      case 'number':
        return <TextField key={f.name} type="number" min={f.min} max={f.max} {...shared} />;
      default:
        return <TextField key={f.name} mono {...shared} />;
    }
  };
  const group = (some: readonly SchemaField[]) => (
    <>
      <Fields>{some.filter(isShort).map(draw)}</Fields>
      {some.filter(f => !isShort(f)).map(draw)}
    </>
  );
  return (
    <>
      {group(main)}
      {children}
      {rest.length > 0 && (
        <details open={rest.some(f => form.values[key(f.name)] !== '')}>
          <summary>{t('more-settings')}</summary>
          <div className="stack">{group(rest)}</div>
        </details>
      )}
    </>
  );
}

/** What the settings are, for those who only read them. */
export function SchemaFacts({
  fields,
  of,
  kind,
}: {
  fields: readonly SchemaField[];
  of: unknown;
  kind: string;
}) {
  const { t, maybe } = useWords();
  const typed = typedOf(fields, of);
  return (
    <Facts
      items={fields.map(f => {
        const text = typed[f.name] ?? '';
        const shown = f.kind === 'tick' ? t(text === 'true' ? 'yes' : 'no') : text;
        return [
          maybe(`setting-${kind}-${f.name.replaceAll('_', '-')}`) ?? f.name.replaceAll('_', ' '),
          shown === '' ? '–' : f.kind === 'tick' ? shown : <code key={f.name}>{shown}</code>,
        ];
      })}
    />
  );
}

function isShort(f: SchemaField): boolean {
  return f.kind === 'text' || f.kind === 'number' || f.kind === 'choice';
}
