/**
 * What a form is about, as it was when somebody began to type: a change from
 * elsewhere does not take their words from under their hands. It is told of, and
 * the server refuses to overwrite it.
 */
import {
  createContext,
  Fragment,
  type ReactNode,
  useContext,
  useEffect,
  useId,
  useState,
} from 'react';
import { useWords } from '../i18n';
import { Notice } from '../ui/bits';

const Touched = createContext<((form: string, changed: boolean) => void) | undefined>(undefined);

/** Said by each form: whether something was typed that is not saved. */
export function useTouched(changed: boolean): void {
  const tell = useContext(Touched);
  const form = useId();
  useEffect(() => {
    tell?.(form, changed);
    return () => tell?.(form, false);
  }, [tell, form, changed]);
}

export function Steady<T extends { id: string; version: number }>({
  of,
  children,
}: {
  of: T;
  children: (of: T) => ReactNode;
}) {
  const { t } = useWords();
  const [base, setBase] = useState(of);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [tell] = useState(() => (form: string, changed: boolean) => {
    setTouched(old => {
      if (old.has(form) === changed) return old;
      const next = new Set(old);
      if (changed) next.add(form);
      else next.delete(form);
      return next;
    });
  });
  const newer = of.version !== base.version;
  if (of.id !== base.id || (newer && touched.size === 0)) setBase(of);
  return (
    <Touched.Provider value={tell}>
      <div className="stack">
        {newer && touched.size > 0 && (
          <Notice tone="warn" title={t('problem-version-mismatch')}>
            {t('changed-elsewhere')}
          </Notice>
        )}
        <Fragment key={`${base.id}.${base.version}`}>{children(base)}</Fragment>
      </div>
    </Touched.Provider>
  );
}
