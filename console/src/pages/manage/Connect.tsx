/** What an application has to be told, ready to be copied; and a test sign-in. */
import { LogIn } from 'lucide-react';
import { useMemo } from 'react';
import type { Schemas } from '../../api/client';
import { useWords } from '../../i18n';
import { ButtonAnchor } from '../../ui/Button';
import { Command, Notice } from '../../ui/bits';
import css from './Connect.module.css';

type Registered = Schemas['Application'] & { client_secret?: string | null };

function challenge(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');
}

/** A sign-in as the application would begin it; the answer goes to its own redirect. */
function trial(a: Registered): string | undefined {
  const redirect = a.settings.redirect_uris[0];
  if (!redirect || a.settings.kind === 'workload') return undefined;
  const query = new URLSearchParams({
    client_id: a.id,
    response_type: 'code',
    scope: 'openid',
    redirect_uri: redirect,
    state: 'test',
    // Nobody has a verifier for it: the code can be redeemed by nobody.
    code_challenge: challenge(),
    code_challenge_method: 'S256',
  });
  return `/oauth2/authorize?${query}`;
}

export function Connect({ application: a }: { application: Registered }) {
  const { t } = useWords();
  const test = useMemo(() => trial(a), [a]);
  const rows: [string, string][] = [
    [t('connect-issuer'), location.origin],
    [t('connect-discovery'), `${location.origin}/.well-known/openid-configuration`],
    [t('connect-client-id'), a.id],
    ...(a.client_secret ? ([[t('connect-secret'), a.client_secret]] as [string, string][]) : []),
  ];
  return (
    <div className="stack">
      {a.client_secret && (
        <Notice tone="warn" title={t('connect-secret-once')}>
          {t('connect-secret-once-text')}
        </Notice>
      )}
      <dl className={css.rows}>
        {rows.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              <Command text={value} label={label} />
            </dd>
          </div>
        ))}
      </dl>
      {test && (
        <div>
          <ButtonAnchor href={test} target="_blank" rel="noreferrer" icon={<LogIn />}>
            {t('connect-test')}
          </ButtonAnchor>
          <p className="small soft">{t('connect-test-hint')}</p>
        </div>
      )}
    </div>
  );
}
