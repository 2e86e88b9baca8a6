/** How much speaks for a second look, and what. */
import { useWords } from '../../i18n';
import { Pill } from '../../ui/bits';
import css from './Risk.module.css';
import { type About, type Risk as Found, reason, TONES } from './risk';

export function Risk({ risk, about }: { risk: Found; about: About }) {
  const words = useWords();
  const { t } = words;
  return (
    <div className={css.risk}>
      <p>
        <Pill tone={TONES[risk.level]}>{t(`risk-${risk.level}`)}</Pill>
      </p>
      {risk.reasons.length > 0 ? (
        <ul className={css.reasons} aria-label={t('risk-why')}>
          {risk.reasons.map(r => (
            <li key={r.fact.code} data-weight={r.weight}>
              {reason(words, r, about)}
            </li>
          ))}
        </ul>
      ) : (
        <p className="small soft">{t('risk-nothing')}</p>
      )}
    </div>
  );
}
