/** What an application has to be told, ready to be copied; and a test sign-in. */
import { useQuery } from '@tanstack/react-query';
import { LogIn, MessageCircleQuestion } from 'lucide-react';
import { useState } from 'react';
import { type Schemas, stream } from '../../api/client';
import { useWords } from '../../i18n';
import { ButtonLink } from '../../ui/Button';
import { Command, Notice, Row, Waiting } from '../../ui/bits';
import { ProblemNote } from '../../ui/ProblemNote';
import css from './Connect.module.css';

type Registered = Schemas['Application'] & { client_secret?: string | null };

export function Connect({
  application: a,
  test = true,
}: {
  application: Registered;
  /** A sign-in can be tried. */
  test?: boolean;
}) {
  const { t } = useWords();
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
      <Endpoints />
      {a.settings.kind !== 'workload' && (
        <div className={css.next}>
          <Row>
            {test && (
              <ButtonLink
                to="/manage/applications/$name/test"
                params={{ name: a.name } as never}
                icon={<LogIn />}
              >
                {t('connect-test')}
              </ButtonLink>
            )}
            <ButtonLink
              to="/manage/why"
              search={{ what: 'application:open', on: a.name } as never}
              icon={<MessageCircleQuestion />}
            >
              {t('connect-who')}
            </ButtonLink>
          </Row>
          {test && <p className="small soft">{t('connect-test-hint')}</p>}
        </div>
      )}
    </div>
  );
}

interface Discovered {
  authorization_endpoint?: string;
  token_endpoint?: string;
  userinfo_endpoint?: string;
  end_session_endpoint?: string;
  jwks_uri?: string;
  scopes_supported?: string[];
}

/** For an application that does not read the discovery document by itself. */
function Endpoints() {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const found = useQuery({
    queryKey: ['discovery'],
    queryFn: async () =>
      (await (await stream('/.well-known/openid-configuration')).json()) as Discovered,
    enabled: open,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const d = found.data;
  const rows: [string, string | undefined][] = [
    [t('connect-authorization'), d?.authorization_endpoint],
    [t('connect-token'), d?.token_endpoint],
    [t('connect-userinfo'), d?.userinfo_endpoint],
    [t('connect-end-session'), d?.end_session_endpoint],
    [t('connect-jwks'), d?.jwks_uri],
    [t('field-scopes'), d?.scopes_supported?.join(' ')],
  ];
  return (
    <details onToggle={e => setOpen(e.currentTarget.open)}>
      <summary>{t('connect-endpoints')}</summary>
      {found.isPending && open && <Waiting lines={2} />}
      <ProblemNote error={found.error} onRetry={() => found.refetch()} />
      <dl className={css.rows}>
        {rows.map(
          ([label, value]) =>
            value && (
              <div key={label}>
                <dt>{label}</dt>
                <dd>
                  <Command text={value} label={label} />
                </dd>
              </div>
            ),
        )}
      </dl>
    </details>
  );
}
