/** What waits for my word. */
import { useQuery } from '@tanstack/react-query';
import { Inbox } from 'lucide-react';
import { approvals } from '../../api/queries';
import { useWords } from '../../i18n';
import { Empty, Page, PageHead, Waiting } from '../../ui/bits';
import { ProblemNote } from '../../ui/ProblemNote';
import { RequestCard } from '../shared/RequestCard';
import css from './Approvals.module.css';

export default function Approvals() {
  const { t } = useWords();
  const waiting = useQuery(approvals());
  return (
    <Page>
      <PageHead title={t('approvals-title')} lead={t('approvals-lead')} />
      <ProblemNote error={waiting.error} onRetry={() => waiting.refetch()} />
      {waiting.isPending && <Waiting />}
      {waiting.isSuccess &&
        (waiting.data.length === 0 ? (
          <Empty title={t('approvals-none')} icon={<Inbox />}>
            {t('approvals-none-next')}
          </Empty>
        ) : (
          <div className={css.cards}>
            {waiting.data.map(r => (
              <RequestCard key={r.id} request={r} pending={r} />
            ))}
          </div>
        ))}
    </Page>
  );
}
