/** Why may somebody do something, or what is missing. */
import { useMutation } from '@tanstack/react-query';
import { CircleCheck, CircleX } from 'lucide-react';
import { useState } from 'react';
import { api, type Schemas, take } from '../../api/client';
import { keepDraft, readDraft } from '../../forms/draft';
import { useWords } from '../../i18n';
import { ACTIONS } from '../../policy/cedar';
import { Button } from '../../ui/Button';
import { Card, Fields } from '../../ui/bits';
import { Actions } from '../../ui/Dialog';
import { Checkbox, SelectField, TextField } from '../../ui/Field';
import { Picker } from '../../ui/Picker';
import { ProblemNote, requirement } from '../../ui/ProblemNote';
import { findAccount, findIdentity } from '../shared/find';
import css from './Why.module.css';

const KEY = 'why';
const FIRST = {
  principal: '',
  action: 'session:open',
  resource: '',
  password: true,
  totp: true,
  passkey: false,
  reason: false,
  approvals: '0',
};

export function Why() {
  const words = useWords();
  const { t } = words;
  const [v, setV] = useState(() => readDraft(KEY, FIRST));
  const set = (change: Partial<typeof FIRST>) => {
    const next = { ...v, ...change };
    setV(next);
    keepDraft(KEY, next, []);
  };
  const ask = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/v1/policies/explain', {
          body: {
            principal: v.principal.trim(),
            action: v.action as Schemas['Action'],
            resource: v.resource.trim() || null,
            factors: (['password', 'totp', 'passkey'] as const).filter(f => v[f]),
            context: {
              reason: v.reason,
              approvals: Number(v.approvals) || 0,
            } as Schemas['Context'],
          },
        }),
      ),
  });
  const answer = ask.data;
  return (
    <Card title={t('why-title')}>
      <form
        className="stack"
        onSubmit={e => {
          e.preventDefault();
          ask.mutate();
        }}
      >
        <Picker
          label={t('why-who')}
          value={v.principal}
          onChange={principal => set({ principal })}
          find={findIdentity}
          required
        />
        <Fields>
          <SelectField
            label={t('why-action')}
            value={v.action}
            onChange={e => set({ action: e.target.value })}
          >
            {ACTIONS.map(a => (
              <option key={a}>{a}</option>
            ))}
          </SelectField>
          <Picker
            label={t('why-on')}
            value={v.resource}
            onChange={resource => set({ resource })}
            find={findAccount}
            placeholder="deploy@web-1"
          />
        </Fields>
        <fieldset className={css.ticks}>
          <legend className="small">{t('why-with')}</legend>
          <Checkbox
            label={t('factor-password')}
            checked={v.password}
            onChange={e => set({ password: e.target.checked })}
          />
          <Checkbox
            label={t('factor-totp')}
            checked={v.totp}
            onChange={e => set({ totp: e.target.checked })}
          />
          <Checkbox
            label={t('factor-passkey')}
            checked={v.passkey}
            onChange={e => set({ passkey: e.target.checked })}
          />
          <Checkbox
            label={t('why-reason')}
            checked={v.reason}
            onChange={e => set({ reason: e.target.checked })}
          />
        </fieldset>
        <TextField
          label={t('builder-approvals')}
          type="number"
          min={0}
          value={v.approvals}
          onChange={e => set({ approvals: e.target.value })}
        />
        <ProblemNote error={ask.error} onRetry={() => ask.mutate()} />
        <Actions>
          <Button type="submit" busy={ask.isPending}>
            {t('why-ask')}
          </Button>
        </Actions>
      </form>
      {answer && (
        <div
          className={css.answer}
          data-yes={answer.decision === 'permit' || undefined}
          role="status"
        >
          <p className={css.word}>
            {answer.decision === 'permit' ? (
              <CircleCheck aria-hidden="true" />
            ) : (
              <CircleX aria-hidden="true" />
            )}
            {answer.decision === 'permit'
              ? t('why-yes')
              : answer.requirements.length > 0
                ? t('why-not-yet')
                : t('why-no')}
          </p>
          {answer.requirements.length > 0 && (
            <ul>
              {answer.requirements.map(r => (
                <li key={r.kind}>{requirement(words, r)}</li>
              ))}
            </ul>
          )}
          {answer.policies.length > 0 && (
            <p className="small">{t('why-policies', { names: answer.policies.join(', ') })}</p>
          )}
        </div>
      )}
    </Card>
  );
}
