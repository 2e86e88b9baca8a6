/** For those who do not write Cedar: choices that show the text they make. */
import { X } from 'lucide-react';
import { useWords } from '../i18n';
import {
  findAccount,
  findApplication,
  findGroup,
  findRole,
  findTarget,
} from '../pages/shared/find';
import { Button } from '../ui/Button';
import { Fields, Row } from '../ui/bits';
import { Checkbox, Choice, SelectField, TextField } from '../ui/Field';
import { Picker } from '../ui/Picker';
import type { Parts } from './compose';
import { deeds, deedText } from './deeds';

const FIND = { account: findAccount, target: findTarget, application: findApplication } as const;

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
  const text = (name: 'from' | 'until' | 'networks') => ({
    value: p[name],
    onChange: (e: { target: { value: string } }) => set(name, e.target.value),
  });
  const find = p.what in FIND ? FIND[p.what as keyof typeof FIND] : undefined;
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
            required
          />
        )}
        <SelectField
          label={t('builder-what')}
          value={p.what}
          onChange={e => onChange({ ...p, what: e.target.value as Parts['what'], whatName: '' })}
        >
          <option value="label">{t('builder-label')}</option>
          <option value="target">{t('builder-target')}</option>
          <option value="account">{t('builder-account')}</option>
          <option value="application">{t('builder-application')}</option>
          <option value="secret">{t('builder-secret')}</option>
          <option value="anything">{t('builder-anything')}</option>
        </SelectField>
        {find ? (
          <Picker
            key={p.what}
            label={t(`builder-${p.what as keyof typeof FIND}`)}
            value={p.whatName}
            onChange={v => set('whatName', v)}
            find={find}
            required
          />
        ) : (
          p.what !== 'anything' && (
            <TextField
              label={t('builder-name')}
              placeholder={p.what === 'label' ? 'env=prod' : ''}
              required
              mono
              value={p.whatName}
              onChange={e => set('whatName', e.target.value)}
            />
          )
        )}
      </Fields>
      <Chosen actions={p.actions} onChange={v => set('actions', v)} />
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
              ['device', t('builder-device')],
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
          <TextField
            label={t('builder-networks')}
            hint={t('builder-networks-hint')}
            placeholder="10.0.0.0/8"
            mono
            {...text('networks')}
          />
          <TextField label={t('builder-from')} {...text('from')} type="time" />
          <TextField label={t('builder-until')} {...text('until')} type="time" />
        </Fields>
      </fieldset>
    </div>
  );
}

/** The actions of a policy: one after another, each to be taken off again. */
function Chosen({
  actions,
  onChange,
}: {
  actions: string[];
  onChange: (actions: string[]) => void;
}) {
  const words = useWords();
  const { t } = words;
  return (
    <div className="stack">
      <SelectField
        label={t('builder-action')}
        hint={t('builder-action-hint')}
        value=""
        onChange={e => e.target.value && onChange([...actions, e.target.value])}
      >
        <option value="">{t('builder-action-add')}</option>
        {deeds(words, actions).map(g => (
          <optgroup key={g.subject} label={t(`deeds-${g.subject}`)}>
            {g.actions.map(({ action, text }) => (
              <option key={action} value={action}>{`${text} (${action})`}</option>
            ))}
          </optgroup>
        ))}
      </SelectField>
      <Row>
        {actions.map(a => (
          <Button
            key={a}
            slim
            icon={<X />}
            onClick={() => onChange(actions.filter(x => x !== a))}
            aria-label={t('builder-action-remove', { name: `${deedText(words, a)} ${a}` })}
          >
            {deedText(words, a)} <code>{a}</code>
          </Button>
        ))}
        {actions.length === 0 && <span className="soft small">{t('builder-action-any')}</span>}
      </Row>
    </div>
  );
}
