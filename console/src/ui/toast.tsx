/** What was done, said once and read out. */
import { X } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { useWords } from '../i18n';
import { IconButton } from './Button';
import css from './toast.module.css';

interface Toast {
  id: number;
  text: string;
}

let toasts: readonly Toast[] = [];
let count = 0;
const listeners = new Set<() => void>();

function put(next: readonly Toast[]): void {
  toasts = next;
  for (const l of listeners) l();
}

function drop(id: number): void {
  put(toasts.filter(t => t.id !== id));
}

export function say(text: string): void {
  count += 1;
  const id = count;
  // What is said again takes the place of what was said before.
  put([...toasts.filter(t => t.text !== text).slice(-2), { id, text }]);
  setTimeout(() => drop(id), 6000);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toasts() {
  const { t } = useWords();
  const all = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div className={css.toasts} role="status" aria-live="polite">
      {all.map(toast => (
        <div key={toast.id} className={css.toast}>
          <span>{toast.text}</span>
          <IconButton label={t('dismiss')} onClick={() => drop(toast.id)}>
            <X />
          </IconButton>
        </div>
      ))}
    </div>
  );
}
