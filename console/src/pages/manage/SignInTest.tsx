/**
 * A sign-in tried out: what the application would get of the reader, or what is
 * wrong and what to mend. The application hears nothing of it.
 */
import { useMutation } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { LogIn } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { api, type Schemas, take } from '../../api/client';
import { useWords } from '../../i18n';
import { Button } from '../../ui/Button';
import { Card, Facts, Notice, Page, PageHead, Two, Waiting } from '../../ui/bits';
import { Actions } from '../../ui/Dialog';
import { TextArea } from '../../ui/Field';
import { ProblemNote, requirements } from '../../ui/ProblemNote';
import css from './SignInTest.module.css';
import { claimText, TONES } from './sign-in-test';
import { PolicyLinks } from './Why';

type Result = Schemas['SignInTest'];

export default function SignInTest() {
  const { t } = useWords();
  const { name = '' } = useParams({ strict: false });
  const [request, setRequest] = useState('');
  const run = useMutation({
    mutationFn: (text: string) =>
      take(
        api.POST('/api/v1/applications/{name}/test', {
          params: { path: { name } },
          body: { request: text.trim() || null },
        }),
      ),
  });
  const begun = useRef(false);
  const { mutate } = run;
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    mutate('');
  }, [mutate]);
  return (
    <Page>
      <PageHead
        above={
          <Link to="/manage/applications/$name" params={{ name }}>
            {name}
          </Link>
        }
        title={t('sign-in-test-title', { name })}
        lead={t('sign-in-test-lead')}
      />
      {run.isPending && <Waiting />}
      <ProblemNote error={run.error} onRetry={() => run.mutate(request)} />
      {run.data && <Shown result={run.data} />}
      <Card title={t('sign-in-test-request')}>
        <form
          className="stack"
          onSubmit={e => {
            e.preventDefault();
            run.mutate(request);
          }}
        >
          <TextArea
            label={t('sign-in-test-address')}
            hint={t('sign-in-test-address-hint')}
            optional={t('optional')}
            rows={3}
            spellCheck={false}
            value={request}
            onChange={e => setRequest(e.target.value)}
          />
          <Actions>
            <Button type="submit" kind="primary" icon={<LogIn />} busy={run.isPending}>
              {t('sign-in-test-again')}
            </Button>
          </Actions>
        </form>
      </Card>
    </Page>
  );
}

function Shown({ result: r }: { result: Result }) {
  const words = useWords();
  const { t } = words;
  const scopes = r.scopes.join(' ');
  return (
    <>
      <Notice tone={TONES[r.outcome]} title={t(`sign-in-test-${r.outcome}`)}>
        {r.requirements.length > 0 && <p>{requirements(words, r.requirements)}</p>}
        {r.error && (
          <>
            <p>{t(`mend-${r.error.mend}`)}</p>
            <p>
              <code>{r.error.code}</code>: {r.error.description} ({t(`told-${r.error.told}`)})
            </p>
          </>
        )}
      </Notice>
      {r.error?.mend === 'redirect_uri' && (
        <Card title={t('sign-in-test-registered')}>
          {r.registered.length === 0 && <p className="soft">{t('sign-in-test-none-registered')}</p>}
          <ul>
            {r.registered.map(uri => (
              <li key={uri}>
                <code>{uri}</code>
              </li>
            ))}
          </ul>
        </Card>
      )}
      {(r.id_token || r.userinfo || r.scopes.length > 0) && (
        <Card>
          <Facts
            items={[
              [t('field-scopes'), scopes || '–'],
              r.left_out.length > 0 && [t('sign-in-test-left-out'), r.left_out.join(' ')],
              r.acr != null && ['acr', r.acr],
              r.amr.length > 0 && ['amr', r.amr.join(' ')],
              r.redirect_uri != null && [
                t('sign-in-test-redirect'),
                <code key="r">{r.redirect_uri}</code>,
              ],
              r.policies.length > 0 && [
                t('audit-policies'),
                <PolicyLinks key="p" names={r.policies} />,
              ],
            ]}
          />
        </Card>
      )}
      {(r.id_token || r.userinfo) && (
        <Two>
          {r.id_token && <Claims title={t('sign-in-test-id-token')} claims={r.id_token} />}
          {r.userinfo && <Claims title={t('sign-in-test-userinfo')} claims={r.userinfo} />}
        </Two>
      )}
    </>
  );
}

function Claims({ title, claims }: { title: string; claims: Record<string, unknown> }) {
  const { lang } = useWords();
  return (
    <Card title={title}>
      <dl className={css.claims}>
        {Object.entries(claims).map(([name, value]) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>{claimText(lang, name, value)}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
