/** What a menu's button offers, while it is open. */
import type { RefObject } from 'react';
import { Menu as AriaMenu, MenuItem, Popover, Separator } from 'react-aria-components';
import { Aria } from './Aria';
import { cx } from './cx';
import type { Begin, Entry } from './Menu';
import css from './Menu.module.css';

export default function MenuList({
  id,
  label,
  entries,
  begin,
  button,
  onClose,
}: {
  id: string;
  label: string;
  entries: Entry[];
  begin: Begin;
  button: RefObject<HTMLButtonElement | null>;
  onClose: () => void;
}) {
  return (
    <Aria>
      <Popover
        className={css.popover}
        triggerRef={button}
        placement="bottom start"
        aria-label={label}
        isOpen
        onOpenChange={open => !open && onClose()}
      >
        <AriaMenu
          id={id}
          className={css.menu}
          aria-label={label}
          autoFocus={begin}
          onClose={onClose}
        >
          {entries.flatMap(e => [
            e.apart && <Separator key={`${e.id}-line`} className={css.line} />,
            <MenuItem
              key={e.id}
              id={e.id}
              textValue={typeof e.label === 'string' ? e.label : e.id}
              className={cx(css.item, e.danger && css.danger)}
              onAction={e.onAction}
            >
              {e.icon}
              <span>{e.label}</span>
              {e.chosen && <span className={css.dot} aria-hidden="true" />}
            </MenuItem>,
          ])}
        </AriaMenu>
      </Popover>
    </Aria>
  );
}
