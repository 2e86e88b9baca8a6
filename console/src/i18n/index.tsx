/**
 * Words in the reader's language. Owns: which language, the bundle, what a
 * message looks like in React. A message id that does not exist does not compile.
 */
import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle';
import { createContext, Fragment, type ReactNode, useContext } from 'react';
import type { MessageId } from './ids';

export type { MessageId };

export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof LANGUAGES;
export type Args = Record<string, FluentVariable>;

const KEPT = 'doorward.language';
const RIGHT_TO_LEFT = /^(ar|fa|he|ur)\b/;

const sources: Record<Language, () => Promise<{ default: string }>> = {
  en: () => import('./en.ftl?raw'),
  de: () => import('./de.ftl?raw'),
};

function isLanguage(text: string | undefined | null): text is Language {
  return text === 'en' || text === 'de';
}

/** What was chosen here, else what the browser prefers. */
export function language(): Language {
  const chosen = localStorage.getItem(KEPT);
  if (isLanguage(chosen)) return chosen;
  for (const tag of navigator.languages) {
    const short = tag.slice(0, 2);
    if (isLanguage(short)) return short;
  }
  return 'en';
}

export function chooseLanguage(lang: Language): void {
  localStorage.setItem(KEPT, lang);
  // For the pages that the server draws.
  // biome-ignore lint/suspicious/noDocumentCookie: the other way is not everywhere
  document.cookie = `__Host-lang=${lang}; Path=/; Secure; SameSite=Lax; Max-Age=${400 * 86_400}`;
  location.reload();
}

export class Words {
  constructor(
    readonly lang: Language,
    private readonly bundle: FluentBundle,
  ) {}

  /** The message as text. */
  readonly t = (id: MessageId, args?: Args): string => {
    const message = this.bundle.getMessage(id);
    if (!message?.value) return id;
    return this.bundle.formatPattern(message.value, args ?? null, []);
  };

  /** The message of an id that is only known at run time, if there is one. */
  readonly maybe = (id: string, args?: Args): string | undefined => {
    const message = this.bundle.getMessage(id);
    return message?.value ? this.bundle.formatPattern(message.value, args ?? null, []) : undefined;
  };

  /** The message with elements in the places of variables. */
  readonly rich = (id: MessageId, parts: Record<string, ReactNode>): ReactNode => {
    const marks = Object.keys(parts);
    const args: Args = {};
    marks.forEach((name, i) => {
      args[name] = `\u0001${i}\u0001`;
    });
    return this.t(id, args)
      .split('\u0001')
      .map((piece, i) => {
        const name = i % 2 === 1 ? marks[Number(piece)] : undefined;
        return <Fragment key={i}>{name === undefined ? piece : parts[name]}</Fragment>;
      });
  };
}

export function wordsOf(lang: Language, text: string): Words {
  const bundle = new FluentBundle(lang, { useIsolating: false });
  bundle.addResource(new FluentResource(text));
  return new Words(lang, bundle);
}

export async function loadWords(lang: Language): Promise<Words> {
  const words = wordsOf(lang, (await sources[lang]()).default);
  document.documentElement.lang = lang;
  document.documentElement.dir = RIGHT_TO_LEFT.test(lang) ? 'rtl' : 'ltr';
  return words;
}

const WordsContext = createContext<Words | undefined>(undefined);
export const WordsProvider = WordsContext.Provider;

export function useWords(): Words {
  const words = useContext(WordsContext);
  if (!words) throw new Error('no words');
  return words;
}
