/**
 * What a policy does, and what that may cost the reader: for the question before it
 * comes into force, or goes out of it.
 */
import { useQuery } from '@tanstack/react-query';
import { api, take } from '../api/client';
import { session } from '../api/queries';
import { useWords } from '../i18n';
import { Notice } from '../ui/bits';
import css from './Consequence.module.css';
import { deedText } from './deeds';
import { cost, type Right, type Scope, says } from './says';

/** By which policies the reader may change policies, with the best that they could prove. */
export function useRight(): Right {
  const me = useQuery(session()).data?.name;
  const found = useQuery({
    queryKey: ['policies', 'own-right', me],
    queryFn: () =>
      take(
        api.POST('/api/v1/policies/explain', {
          body: { principal: me ?? '', action: 'policy:write', factors: ['password', 'passkey'] },
        }),
      ),
    enabled: me !== undefined,
    retry: false,
  });
  return found.data?.decision === 'permit' ? found.data.policies : undefined;
}

function Named({ of }: { of: Scope }) {
  const words = useWords();
  if (of.type === undefined) return null;
  const kind = words.maybe(`thing-${of.type.toLowerCase()}`) ?? of.type;
  return (
    <>
      {kind}
      {of.name !== undefined && (
        <>
          {' '}
          <code>{of.name}</code>
        </>
      )}
    </>
  );
}

export function Consequence({
  name,
  before,
  after,
  right,
}: {
  name: string;
  /** The text in force now, and then; empty when it is not in force. */
  before: string;
  after: string;
  right: Right;
}) {
  const words = useWords();
  const { t } = words;
  const price = cost(name, before, after, right);
  const gone = after === '';
  const all = says(gone ? before : after);
  return (
    <>
      {price && (
        <Notice tone="bad" title={t(`policy-cost-${price}`)}>
          {t(`policy-cost-${price}-text`)}
        </Notice>
      )}
      <p>{t(gone ? 'policy-gone-what' : 'policy-force-what')}</p>
      {all.length === 0 && <p>{t('policy-says-none')}</p>}
      <ul className={css.says}>
        {all.map((s, i) => (
          <li key={i} data-effect={s.effect}>
            <dl>
              <dt>{t('policy-says-who')}</dt>
              <dd>{s.who.type ? <Named of={s.who} /> : t('builder-anyone')}</dd>
              <dt>{t(`policy-says-${s.effect}`)}</dt>
              <dd>
                {s.actions.length === 0
                  ? t('builder-action-any')
                  : s.actions.map(a => deedText(words, a)).join(' · ')}
              </dd>
              <dt>{t('policy-says-on')}</dt>
              <dd>{s.on.type ? <Named of={s.on} /> : t('policy-says-everything')}</dd>
            </dl>
            {s.conditions && (
              <>
                <p className={css.when}>{t('policy-says-when')}</p>
                <pre className={css.text} dir="ltr">
                  {s.conditions}
                </pre>
              </>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
