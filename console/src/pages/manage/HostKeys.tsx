/**
 * Asks a host for its keys, so that nobody has to copy them by hand. They are put
 * into the form only when a person says that they are the host's own.
 */
import { useMutation } from '@tanstack/react-query';
import { ScanSearch } from 'lucide-react';
import { api, take } from '../../api/client';
import { key, unkeyed } from '../../forms/SchemaFields';
import { objectOf, type SchemaField } from '../../forms/schema';
import type { Form } from '../../forms/useForm';
import { useWords } from '../../i18n';
import { Button } from '../../ui/Button';
import { Notice } from '../../ui/bits';
import { ProblemNote } from '../../ui/ProblemNote';

/** The setting that the keys go into. */
const SETTING = 'host_keys';

export function HostKeys({
  kind,
  fields,
  form,
}: {
  kind: string;
  fields: readonly SchemaField[];
  form: Form<Record<string, string>>;
}) {
  const { t } = useWords();
  const look = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/v1/protocols/{name}/host-keys', {
          params: { path: { name: kind } },
          body: { settings: objectOf(fields, unkeyed(fields, form.values)) },
        }),
      ),
  });
  if (!fields.some(f => f.name === SETTING)) return null;
  const pin = (lines: string[]) => {
    form.set(key(SETTING), lines.join('\n'));
    look.reset();
  };
  return (
    <div className="stack">
      <div>
        <Button
          slim
          icon={<ScanSearch />}
          busy={look.isPending}
          disabled={!form.values[key('host')]?.trim()}
          onClick={() => look.mutate()}
        >
          {t('host-keys-ask')}
        </Button>
      </div>
      <ProblemNote error={look.error} onRetry={() => look.mutate()} />
      {look.data && (
        <Notice
          tone="warn"
          title={t('host-keys-compare')}
          action={
            <Button kind="primary" slim onClick={() => pin(look.data.keys.map(k => k.line))}>
              {t('host-keys-pin')}
            </Button>
          }
        >
          <p>{t('host-keys-compare-text')}</p>
          <ul aria-label={t('host-keys-compare')}>
            {look.data.keys.map(k => (
              <li key={k.fingerprint}>
                <code>
                  {k.line.split(' ')[0]} {k.fingerprint}
                </code>
              </li>
            ))}
          </ul>
        </Notice>
      )}
    </div>
  );
}
