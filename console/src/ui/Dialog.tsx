import type { ReactNode } from 'react';
import css from './Dialog.module.css';
import { piece, usePiece } from './piece';

const MODAL = piece<DialogProps>(() => import('./Modal'));

/** Loads what dialogs are made of; for who is about to open one. */
export const prepare = MODAL.prepare;

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
  const Modal = usePiece(MODAL, props.onClose);
  return Modal ? <Modal {...props} /> : null;
}

/** What can be done, at the foot of a dialog or form. */
export function Actions({ children }: { children: ReactNode }) {
  return <div className={css.actions}>{children}</div>;
}
