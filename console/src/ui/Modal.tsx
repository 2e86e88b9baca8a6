/** The dialog itself, once there is one to show. */
import { X } from 'lucide-react';
import {
  Dialog as AriaDialog,
  Modal as AriaModal,
  Heading,
  ModalOverlay,
} from 'react-aria-components';
import { useWords } from '../i18n';
import { Aria } from './Aria';
import { IconButton } from './Button';
import { cx } from './cx';
import type { DialogProps } from './Dialog';
import css from './Dialog.module.css';

export default function Modal({ title, onClose, children, wide, alert, side }: DialogProps) {
  const { t } = useWords();
  return (
    <Aria>
      <ModalOverlay
        isOpen
        onOpenChange={now => !now && onClose()}
        isDismissable={!alert}
        className={cx(css.overlay, side && css.atSide)}
      >
        <AriaModal className={cx(css.modal, wide && css.wide, side && css.side)}>
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
        </AriaModal>
      </ModalOverlay>
    </Aria>
  );
}
