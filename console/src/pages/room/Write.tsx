/** A line to the person in the session; it appears in their terminal. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { SendHorizontal } from 'lucide-react';
import { type Ref, useId, useRef, useState } from 'react';
import type { SessionDetails } from '../../api/queries';
import { dropDraft, keepDraft, readDraft } from '../../forms/draft';
import { useWords } from '../../i18n';
import { IconButton } from '../../ui/Button';
import { cx } from '../../ui/cx';
import { ProblemNote } from '../../ui/ProblemNote';
import { renew, send } from './orders';
import css from './Write.module.css';

/** Characters in a message. */
const MOST = 500;
/** From here on, what is left is told. */
const NEARLY = 50;

export function Write({
  session: s,
  field,
}: {
  session: SessionDetails;
  field: Ref<HTMLInputElement>;
}) {
  const { t } = useWords();
  const id = useId();
  const client = useQueryClient();
  const draft = `message.${s.id}`;
  const [text, setText] = useState(() => readDraft(draft, { text: '' }).text);
  // The same for each retry of the same text: it is written once.
  const attempt = useRef<{ text: string; key: string }>(undefined);
  const [sent, setSent] = useState(false);
  const put = (next: string) => {
    setSent(false);
    setText(next);
    keepDraft(draft, { text: next }, []);
  };
  const run = useMutation({
    mutationFn: (said: string) => {
      if (attempt.current?.text !== said)
        attempt.current = { text: said, key: crypto.randomUUID() };
      return send(s.id, said, attempt.current.key);
    },
    onSuccess: () => {
      attempt.current = undefined;
      setText('');
      dropDraft(draft);
      setSent(true);
    },
    onSettled: () => renew(client),
  });
  const length = [...text.trim()].length;
  const left = MOST - length;
  const ready = length > 0 && left >= 0 && !run.isPending;
  return (
    <form
      className={css.form}
      onSubmit={e => {
        e.preventDefault();
        if (ready) run.mutate(text.trim());
      }}
    >
      <label htmlFor={id} className={css.label}>
        {t('message-label', { who: s.identity_name })}
      </label>
      <div className={css.line}>
        <input
          ref={field}
          id={id}
          type="text"
          value={text}
          placeholder={t('message-placeholder')}
          autoComplete="off"
          enterKeyHint="send"
          aria-describedby={`${id}-hint`}
          aria-invalid={left < 0 || undefined}
          aria-keyshortcuts="m"
          onChange={e => put(e.target.value)}
        />
        <IconButton type="submit" label={t('message-send')} disabled={!ready} className={css.send}>
          <SendHorizontal />
        </IconButton>
      </div>
      <p id={`${id}-hint`} className={css.hint}>
        <span>{t('message-hint')}</span>
        <span className={cx('num', left < 0 && css.over)}>
          {length} / {MOST}
        </span>
      </p>
      <p className="hide" role="status">
        {sent && t('message-sent', { who: s.identity_name })}
        {left < NEARLY && t('message-left', { n: left })}
      </p>
      <ProblemNote error={run.error} onRetry={() => ready && run.mutate(text.trim())} />
    </form>
  );
}
