import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useWords } from '../i18n';
import { IconButton } from './Button';
import { cx } from './cx';
import css from './Dialog.module.css';

/** A dialog over the page; Escape and a press outside close it. */
export function Dialog({
  title,
  open,
  onClose,
  children,
  wide,
  alert,
  side,
}: {
  title: ReactNode;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
  wide?: boolean;
  /** It asks for a decision: a press outside does not close it. */
  alert?: boolean;
  /** It stands at the end of the page. */
  side?: boolean;
}) {
  const { t } = useWords();
  return (
    <ModalOverlay
      isOpen={open}
      onOpenChange={now => !now && onClose()}
      isDismissable={!alert}
      className={cx(css.overlay, side && css.atSide)}
    >
      <Modal className={cx(css.modal, wide && css.wide, side && css.side)}>
        <AriaDialog className={css.dialog} role={alert ? 'alertdialog' : 'dialog'}>
          <header className={css.head}>
            <Heading slot="title" level={2} className={css.title}>
              {title}
            </Heading>
            <IconButton label={t('close')} onClick={onClose}>
              <X />
            </IconButton>
          </header>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

/** What can be done, at the foot of a dialog or form. */
export function Actions({ children }: { children: ReactNode }) {
  return <div className={css.actions}>{children}</div>;
}
