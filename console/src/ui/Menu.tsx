/** A button and what it offers. What is offered is loaded when somebody comes near. */
import {
  type ComponentProps,
  type KeyboardEvent,
  type ReactNode,
  useId,
  useRef,
  useState,
} from 'react';
import type MenuList from './MenuList';
import { piece, usePiece } from './piece';

type Listed = ComponentProps<typeof MenuList>;
const LIST = piece<Listed>(() => import('./MenuList'));

function Offered(props: Listed) {
  const Shown = usePiece(LIST, props.onClose);
  return Shown ? <Shown {...props} /> : null;
}

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

/** Which entry has the focus when it opens. */
export type Begin = 'first' | 'last';

export function Menu({
  children,
  label,
  name,
  className,
  entries,
}: {
  children: ReactNode;
  /** What is offered. */
  label: string;
  /** The button's own name, where its text does not say it. */
  name?: string;
  className: string | undefined;
  entries: Entry[];
}) {
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const [open, setOpen] = useState<Begin>();
  const keys = (e: KeyboardEvent) => {
    if (e.key !== 'ArrowDown' && e.key !== 'ArrowUp') return;
    e.preventDefault();
    setOpen(e.key === 'ArrowDown' ? 'first' : 'last');
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className={className}
        aria-label={name}
        aria-haspopup="menu"
        aria-expanded={open !== undefined}
        aria-controls={open && id}
        onPointerEnter={LIST.prepare}
        onFocus={LIST.prepare}
        onKeyDown={keys}
        onClick={() => setOpen(open ? undefined : 'first')}
      >
        {children}
      </button>
      {open && (
        <Offered
          id={id}
          label={label}
          entries={entries}
          begin={open}
          button={button}
          onClose={() => setOpen(undefined)}
        />
      )}
    </>
  );
}
