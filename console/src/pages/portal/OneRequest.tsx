/** One request: where it stands, and what can be done with it. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { api, take } from '../../api/client';
import { approvals, type Grant, grant as grantQuery, request, session } from '../../api/queries';
import { useMay } from '../../app/may';
import { useWords, type Words } from '../../i18n';
import { Card, Command, Notice, Page, PageHead, Time, useNow, Waiting } from '../../ui/bits';
import { Act } from '../../ui/Confirm';
import { ProblemNote } from '../../ui/ProblemNote';
import { RequestCard } from '../shared/RequestCard';
import { Left } from './GrantLines';
import { useCommand } from './own';

/** Nobody ended it, and its time is not over. */
const inForce = (g: Grant, now: number) =>
  g.ended_at === null && new Date(g.ends_at).getTime() > now;

/** When and how it ended. */
function ended(words: Words, g: Grant): ReactNode {
  const at = <Time key="at" at={g.ended_at ?? g.ends_at} />;
  const cause = g.end_cause;
  switch (cause?.kind) {
    case 'returned':
      return words.rich('grant-ended-returned', { at });
    case 'revoked':
      return words.rich('grant-ended-revoked', { at, reason: cause.reason });
    case 'no_longer_permitted':
      return words.rich('grant-ended-no-longer-permitted', { at, because: cause.because });
    default:
      return words.rich('grant-ended-expired', { at });
  }
}

export default function OneRequest() {
  const words = useWords();
  const { t } = words;
  const { id = '' } = useParams({ strict: false });
  const client = useQueryClient();
  const found = useQuery(request(id));
  const me = useQuery(session()).data?.identity;
  const inbox = useQuery(approvals()).data ?? [];
  const r = found.data;
  const mine = r?.requester === me;
  const may = useMay();
  const given = r?.grant?.id ?? '';
  const grant = useQuery({ ...grantQuery(given), enabled: given !== '' });
  const now = useNow(10);
  const held = grant.data && inForce(grant.data, now);
  const command = useCommand(mine && held ? r?.about_name : undefined);
  const waits = inbox.find(x => x.id === r?.id);
  return (
    <Page narrow>
      <PageHead
        title={t('one-request-title')}
        above={
          r &&
          (mine ? (
            <Link to="/requests">{t('nav-my-access')}</Link>
          ) : waits || !may('request:read') ? (
            <Link to="/approvals">{t('nav-approvals')}</Link>
          ) : (
            <Link to="/manage/requests">{t('nav-requests')}</Link>
          ))
        }
        actions={
          mine &&
          r?.state === 'pending' && (
            <Act
              name="withdraw"
              ask={{
                title: t('withdraw-title'),
                what: <p>{t('withdraw-what', { name: r.about_name })}</p>,
                undo: t('withdraw-undo'),
                verb: t('withdraw'),
                run: () =>
                  take(api.POST('/api/v1/requests/{id}/withdraw', { params: { path: { id } } })),
                done: t('withdraw-done'),
                after: () => client.invalidateQueries({ queryKey: ['requests'] }),
              }}
            />
          )
        }
      />
      {found.isPending && <Waiting />}
      <ProblemNote error={found.error} onRetry={() => found.refetch()} />
      {r && mine && r.state === 'pending' && (
        <Notice tone="warn" title={t('request-waits')}>
          {t('request-waits-text')}
        </Notice>
      )}
      <ProblemNote error={grant.error} onRetry={() => grant.refetch()} />
      {r &&
        grant.data &&
        (held ? (
          <Card
            title={
              mine ? t('one-request-grant') : t('one-request-grant-of', { who: r.requester_name })
            }
          >
            <Left from={grant.data.starts_at} until={grant.data.ends_at} />
            {command && <Command text={command} label={t('command-for', { name: r.about_name })} />}
          </Card>
        ) : (
          <Notice tone="plain" title={t('one-request-over')}>
            <p>{ended(words, grant.data)}</p>
          </Notice>
        ))}
      {r && <RequestCard request={r} pending={waits} />}
    </Page>
  );
}
