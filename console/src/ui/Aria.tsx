/** What React Aria needs to know of the page; around each thing that is made of it. */
import type { ReactNode } from 'react';
import { I18nProvider } from 'react-aria-components';
import { useWords } from '../i18n';

export function Aria({ children }: { children: ReactNode }) {
  const { lang } = useWords();
  return <I18nProvider locale={lang}>{children}</I18nProvider>;
}
