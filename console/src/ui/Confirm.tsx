/** Asks before something that cannot easily be taken back. */
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { dropDraft, keepDraft, readDraft } from '../forms/draft';
import { useWords } from '../i18n';
import { Button, type Look } from './Button';
import css from './Confirm.module.css';
import { Actions, Dialog, prepare } from './Dialog';
import { TextArea, TextField } from './Field';
import { ProblemNote } from './ProblemNote';
import { say } from './toast';
import { useNew } from './useNew';

export interface Ask {
  /** What will be done, as a question. */
  title: string;
  /** To whom or what, and what follows. */
  what: ReactNode;
  /** Whether and how it can be undone. */
  undo: string;
  /** The button. */
  verb: string;
  /** A reason is asked for. */
  reason?: 'must' | 'may';
  /** What was already written of it elsewhere. */
  begun?: string;
  /** How long it may be, in characters. */
  most?: number;
  /** What is said below it: who reads it. */
  readers?: string;
  /** The name has to be typed. */
  type?: string;
  /** It takes nothing away. */
  mild?: boolean;
  run: (reason: string) => Promise<unknown>;
  /** What is said afterwards; nothing when what runs says it. */
  done?: string;
  after?: () => void;
}

function Asked({ ask, onClose }: { ask: Ask; onClose: () => void }) {
  const { t } = useWords();
  const draft = `act.${ask.title}`;
  const [reason, setReason] = useState(() => readDraft(draft, { reason: ask.begun ?? '' }).reason);
  const [typed, setTyped] = useState('');
  const close = () => {
    dropDraft(draft);
    onClose();
  };
  const run = useMutation({
    mutationFn: () => ask.run(reason.trim()),
    onSuccess: () => {
      if (ask.done) say(ask.done);
      close();
      ask.after?.();
    },
  });
  const ready =
    (ask.reason !== 'must' || reason.trim() !== '') && (!ask.type || typed === ask.type);
  return (
    <Dialog title={ask.title} onClose={close} alert>
      <form
        className={css.form}
        onSubmit={e => {
          e.preventDefault();
          if (ready) run.mutate();
        }}
      >
        <div className={css.what}>{ask.what}</div>
        <p className={css.undo}>{ask.undo}</p>
        {ask.reason && (
          <TextArea
            label={t('reason')}
            optional={ask.reason === 'may' ? t('optional') : undefined}
            hint={ask.readers ?? t('reason-recorded')}
            most={ask.most ?? 500}
            value={reason}
            onChange={e => {
              setReason(e.target.value);
              keepDraft(draft, { reason: e.target.value }, []);
            }}
            rows={2}
            required={ask.reason === 'must'}
          />
        )}
        {ask.type && (
          <TextField
            label={t('type-to-confirm', { name: ask.type })}
            value={typed}
            onChange={e => setTyped(e.target.value)}
            mono
          />
        )}
        <ProblemNote error={run.error} onRetry={() => run.mutate()} sends />
        <Actions>
          <Button onClick={close}>{t('cancel')}</Button>
          <Button
            type="submit"
            kind={ask.mild ? 'primary' : 'alarm'}
            busy={run.isPending}
            disabled={!ready}
          >
            {ask.verb}
          </Button>
        </Actions>
      </form>
    </Dialog>
  );
}

/** `[the dialog, what opens it]`. */
export function useConfirm(): [ReactNode, (ask: Ask) => void] {
  const [ask, setAsk] = useState<Ask>();
  return [
    ask ? <Asked key={ask.title} ask={ask} onClose={() => setAsk(undefined)} /> : null,
    setAsk,
  ];
}

/**
 * A button that asks first. That it asks stands in the address (`?do=…`): whoever
 * had to prove again in between comes back to the very question.
 */
export function Act({
  name,
  ask,
  label,
  hidden,
  disabled,
  ...look
}: Look & {
  /** One of its kind on the page. */
  name: string;
  ask: Ask;
  /** The button; the verb when absent. */
  label?: string;
  /** Read out behind the label: to which of many it belongs. */
  hidden?: string;
  disabled?: boolean;
}) {
  const [open, setOpen] = useNew('do');
  return (
    <>
      <Button
        {...look}
        disabled={disabled}
        onPointerEnter={prepare}
        onFocus={prepare}
        onClick={() => setOpen(name)}
      >
        {label ?? ask.verb}
        {hidden && <span className="hide"> {hidden}</span>}
      </Button>
      {open === name && <Asked ask={ask} onClose={() => setOpen()} />}
    </>
  );
}
