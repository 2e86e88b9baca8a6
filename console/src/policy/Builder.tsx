/** For those who do not write Cedar: choices that show the text they make. */
import { useWords } from '../i18n';
import { findAccount, findGroup, findRole } from '../pages/shared/find';
import { Fields, Row } from '../ui/bits';
import { Checkbox, Choice, SelectField, TextField } from '../ui/Field';
import { Picker } from '../ui/Picker';
import type { Parts } from './compose';
import { ACTIONS } from './schema';

export function Builder({
  parts: p,
  onChange,
}: {
  parts: Parts;
  onChange: (parts: Parts) => void;
}) {
  const { t } = useWords();
  const set = <K extends keyof Parts>(name: K, value: Parts[K]) =>
    onChange({ ...p, [name]: value });
  const number = (name: 'fresh' | 'approvals' | 'hours') => ({
    type: 'number',
    min: 0,
    value: String(p[name]),
    onChange: (e: { target: { value: string } }) =>
      set(name, Math.max(0, Math.floor(Number(e.target.value) || 0))),
  });
  return (
    <div className="stack">
      <Choice
        legend={t('builder-effect')}
        name="effect"
        value={p.effect}
        onChange={v => set('effect', v)}
        options={[
          { value: 'permit', label: t('builder-permit') },
          { value: 'forbid', label: t('builder-forbid') },
        ]}
      />
      <Fields>
        <SelectField
          label={t('builder-who')}
          value={p.who}
          onChange={e => onChange({ ...p, who: e.target.value as Parts['who'], whoName: '' })}
        >
          <option value="group">{t('builder-group')}</option>
          <option value="role">{t('builder-role')}</option>
          <option value="anyone">{t('builder-anyone')}</option>
        </SelectField>
        {p.who !== 'anyone' && (
          <Picker
            key={p.who}
            label={p.who === 'group' ? t('builder-group') : t('builder-role')}
            value={p.whoName}
            onChange={v => set('whoName', v)}
            find={p.who === 'group' ? findGroup : findRole}
          />
        )}
        <SelectField
          label={t('builder-action')}
          value={p.actions[0] ?? ''}
          onChange={e => set('actions', [e.target.value])}
        >
          {ACTIONS.map(a => (
            <option key={a}>{a}</option>
          ))}
        </SelectField>
        <span />
        <SelectField
          label={t('builder-what')}
          value={p.what}
          onChange={e => onChange({ ...p, what: e.target.value as Parts['what'], whatName: '' })}
        >
          <option value="label">{t('builder-label')}</option>
          <option value="target">{t('builder-target')}</option>
          <option value="account">{t('builder-account')}</option>
          <option value="application">{t('builder-application')}</option>
          <option value="anything">{t('builder-anything')}</option>
        </SelectField>
        {p.what === 'account' ? (
          <Picker
            key="account"
            label={t('builder-account')}
            value={p.whatName}
            onChange={v => set('whatName', v)}
            find={findAccount}
          />
        ) : (
          p.what !== 'anything' && (
            <TextField
              label={t('builder-name')}
              placeholder={p.what === 'label' ? 'env=prod' : ''}
              mono
              value={p.whatName}
              onChange={e => set('whatName', e.target.value)}
            />
          )
        )}
      </Fields>
      <fieldset className="stack">
        <legend className="small">
          <strong>{t('builder-conditions')}</strong>
        </legend>
        <Row>
          {(
            [
              ['secondFactor', t('builder-second-factor')],
              ['passkey', t('builder-passkey')],
              ['reason', t('builder-reason')],
            ] as const
          ).map(([name, label]) => (
            <Checkbox
              key={name}
              label={label}
              checked={p[name]}
              onChange={e => set(name, e.target.checked)}
            />
          ))}
        </Row>
        <Fields>
          <TextField label={t('builder-approvals')} {...number('approvals')} />
          <TextField label={t('builder-hours')} hint={t('builder-zero')} {...number('hours')} />
          <TextField label={t('builder-fresh')} hint={t('builder-zero')} {...number('fresh')} />
        </Fields>
      </fieldset>
    </div>
  );
}
