import { lazy, type ReactNode, Suspense } from 'react';
import css from './Dialog.module.css';

/** Loads what dialogs are made of; for who is about to open one. */
export const prepare = () => import('./Modal');
const Modal = lazy(prepare);

export interface DialogProps {
  title: ReactNode;
  onClose: () => void;
  children: ReactNode;
  wide?: boolean;
  /** It asks for a decision: a press outside does not close it. */
  alert?: boolean;
  /** It stands at the end of the page. */
  side?: boolean;
}

/** A dialog over the page; Escape and a press outside close it. */
export function Dialog(props: DialogProps) {
  return (
    <Suspense fallback={null}>
      <Modal {...props} />
    </Suspense>
  );
}

/** What can be done, at the foot of a dialog or form. */
export function Actions({ children }: { children: ReactNode }) {
  return <div className={css.actions}>{children}</div>;
}
