import type { ReactNode } from 'react';
import { Menu as AriaMenu, MenuItem, MenuTrigger, Popover, Separator } from 'react-aria-components';
import { cx } from './cx';
import css from './Menu.module.css';

export interface Entry {
  id: string;
  label: ReactNode;
  icon?: ReactNode;
  danger?: boolean;
  chosen?: boolean;
  /** A line stands before it. */
  apart?: boolean;
  onAction: () => void;
}

/** A button (`children`, of react-aria-components) and what it offers. */
export function Menu({
  children,
  label,
  entries,
}: {
  children: ReactNode;
  label: string;
  entries: Entry[];
}) {
  return (
    <MenuTrigger>
      {children}
      <Popover className={css.popover}>
        <AriaMenu className={css.menu} aria-label={label}>
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
    </MenuTrigger>
  );
}
