/** How a form ends: what was refused, and what can be done. */
import type { ReactNode } from 'react';
import type { Form } from '../forms/useForm';
import { useWords } from '../i18n';
import { Button } from './Button';
import { Actions, Dialog } from './Dialog';
import { ProblemNote } from './ProblemNote';

/** Of a form that changes what is there. */
export function SaveEnd<T extends object>({
  form,
  verb,
  disabled,
}: {
  form: Form<T>;
  verb?: string;
  disabled?: boolean;
}) {
  const { t } = useWords();
  return (
    <>
      <ProblemNote error={form.problem} onRetry={form.submit} sends />
      <Actions>
        {form.changed && <Button onClick={form.reset}>{t('discard')}</Button>}
        <Button type="submit" kind="primary" busy={form.busy} disabled={disabled || !form.changed}>
          {verb ?? t('save')}
        </Button>
      </Actions>
    </>
  );
}

/** A form in a dialog. */
export function FormDialog<T extends object>({
  title,
  form,
  verb,
  onClose,
  wide,
  disabled,
  children,
}: {
  title: string;
  form: Form<T>;
  verb: string;
  onClose: () => void;
  wide?: boolean;
  disabled?: boolean;
  children: ReactNode;
}) {
  const { t } = useWords();
  return (
    <Dialog title={title} onClose={onClose} wide={wide ?? false}>
      <form className="stack" onSubmit={form.submit}>
        {children}
        <ProblemNote error={form.problem} onRetry={form.submit} sends />
        <Actions>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button type="submit" kind="primary" busy={form.busy} disabled={disabled ?? false}>
            {verb}
          </Button>
        </Actions>
      </form>
    </Dialog>
  );
}
