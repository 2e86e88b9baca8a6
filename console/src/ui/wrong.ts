/** What is wrong with a field by the rules of the page itself, in the reader's language. */
import type { Words } from '../i18n';

type Rules = Pick<HTMLInputElement, 'type' | 'min' | 'max'>;
type Broken = Partial<Record<keyof ValidityState, boolean>>;

export function wrong({ t }: Words, broken: Broken, rules: Rules): string {
  if (broken.valueMissing) return t('field-missing');
  if (broken.badInput && rules.type === 'number') return t('field-number');
  if (broken.typeMismatch && rules.type === 'email') return t('field-email');
  if (broken.typeMismatch && rules.type === 'url') return t('field-url');
  if (broken.rangeUnderflow && rules.min) return t('field-least', { least: rules.min });
  if (broken.rangeOverflow && rules.max) return t('field-most', { most: rules.max });
  return t('field-wrong');
}

/** Whether it is the first field of its form that does not hold. */
export function firstWrong(field: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement) {
  const all = [...(field.form?.elements ?? [])] as (Element & { validity?: ValidityState })[];
  return all.find(e => e.validity?.valid === false) === field;
}
