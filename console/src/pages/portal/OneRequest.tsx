/** One request: where it stands, and what can be done with it. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { api, take } from '../../api/client';
import { approvals, request, session } from '../../api/queries';
import { useWords } from '../../i18n';
import { Card, Command, Notice, Page, PageHead, Waiting } from '../../ui/bits';
import { Act } from '../../ui/Confirm';
import { ProblemNote } from '../../ui/ProblemNote';
import { RequestCard } from '../shared/RequestCard';
import { Left } from './GrantLines';
import { useCommand } from './own';

export default function OneRequest() {
  const { t } = useWords();
  const { id = '' } = useParams({ strict: false });
  const client = useQueryClient();
  const found = useQuery(request(id));
  const me = useQuery(session()).data?.identity;
  const inbox = useQuery(approvals()).data ?? [];
  const r = found.data;
  const mine = r?.requester === me;
  const grant = r?.grant;
  const command = useCommand(mine && grant ? r?.about_name : undefined);
  return (
    <Page narrow>
      <PageHead
        title={t('one-request-title')}
        above={<Link to="/requests">{t('nav-my-access')}</Link>}
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
      {grant && mine && (
        <Card title={t('one-request-grant')}>
          <Left from={grant.starts_at} until={grant.ends_at} />
          {command && <Command text={command} label={t('command-for', { name: r.about_name })} />}
        </Card>
      )}
      {r && <RequestCard request={r} pending={inbox.find(x => x.id === r.id)} />}
    </Page>
  );
}
