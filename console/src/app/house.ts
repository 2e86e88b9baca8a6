/** What the server wrote into the page. */
export function house(): string {
  return (
    document.querySelector<HTMLMetaElement>('meta[name=doorward-house]')?.content || 'Doorward'
  );
}

/** The nonce of this page, for what has to make a style sheet. */
export function nonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? '';
}
