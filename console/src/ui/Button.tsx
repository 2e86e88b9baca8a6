import { Link, type LinkProps } from '@tanstack/react-router';
import type { ComponentProps, ReactNode } from 'react';
import css from './Button.module.css';
import { cx } from './cx';

/** `danger` asks before it takes something away; `alarm` is the answer that does. */
type Kind = 'primary' | 'quiet' | 'danger' | 'alarm' | 'bare';

export interface Look {
  kind?: Kind;
  slim?: boolean;
  icon?: ReactNode;
}

function look({ kind = 'quiet', slim }: Look): string {
  return cx(css.button, css[kind], slim && css.slim);
}

export function Button({
  kind,
  slim,
  icon,
  busy,
  children,
  disabled,
  type = 'button',
  className,
  ...rest
}: ComponentProps<'button'> & Look & { busy?: boolean }) {
  return (
    <button
      {...rest}
      type={type}
      className={cx(look({ kind, slim }), className)}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
    >
      {busy ? <span className={css.turning} aria-hidden="true" /> : icon}
      {children}
    </button>
  );
}

/** A button that shows only a picture; `label` is what is read out. */
export function IconButton({
  label,
  children,
  className,
  ...rest
}: ComponentProps<'button'> & { label: string }) {
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      title={label}
      className={cx(css.icon, className)}
    >
      {children}
    </button>
  );
}

export function ButtonLink({
  kind,
  slim,
  icon,
  children,
  ...rest
}: LinkProps & Look & { children?: ReactNode }) {
  return (
    <Link {...rest} className={look({ kind, slim })}>
      {icon}
      {children}
    </Link>
  );
}

/** A link to a page that the server draws, or to somewhere else. */
export function ButtonAnchor({ kind, slim, icon, children, ...rest }: ComponentProps<'a'> & Look) {
  return (
    <a {...rest} className={look({ kind, slim })}>
      {icon}
      {children}
    </a>
  );
}
