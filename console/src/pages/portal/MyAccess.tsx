/** What I hold, and what I asked for. */
import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { DoorOpen, Ticket } from 'lucide-react';
import { ownGrants } from '../../api/queries';
import { useWords } from '../../i18n';
import type { ListSearch } from '../../list/state';
import { ButtonLink } from '../../ui/Button';
import { Card, Empty, Page, PageHead, Waiting } from '../../ui/bits';
import { ProblemNote } from '../../ui/ProblemNote';
import { RequestList } from '../shared/RequestList';
import { GrantLines } from './GrantLines';

export default function MyAccess() {
  const { t } = useWords();
  const search = useSearch({ strict: false }) as ListSearch;
  const grants = useQuery(ownGrants());
  const mine = grants.data?.items ?? [];
  return (
    <Page>
      <PageHead
        title={t('my-access-title')}
        lead={t('my-access-lead')}
        actions={
          <ButtonLink to="/request" kind="primary" icon={<DoorOpen />}>
            {t('request-access')}
          </ButtonLink>
        }
      />
      <Card title={t('my-grants')} flush={mine.length > 0}>
        {grants.isPending && <Waiting lines={2} />}
        <ProblemNote error={grants.error} onRetry={() => grants.refetch()} />
        {grants.isSuccess &&
          (mine.length > 0 ? (
            <GrantLines grants={mine} />
          ) : (
            <p className="soft">{t('my-grants-none')}</p>
          ))}
      </Card>
      <h2>{t('tab-requests')}</h2>
      <RequestList
        search={search}
        mine
        empty={
          <Empty
            title={t('my-requests-none')}
            icon={<Ticket />}
            action={<ButtonLink to="/request">{t('request-access')}</ButtonLink>}
          >
            {t('my-requests-none-next')}
          </Empty>
        }
      />
    </Page>
  );
}
