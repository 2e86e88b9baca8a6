/** What waits for my word, in the order in which it was asked. */
import { useQuery } from '@tanstack/react-query';
import { Inbox } from 'lucide-react';
import { useState } from 'react';
import { approvals } from '../../api/queries';
import { useWords } from '../../i18n';
import { Empty, Page, PageHead, Waiting } from '../../ui/bits';
import { ProblemNote } from '../../ui/ProblemNote';
import { RequestCard } from '../shared/RequestCard';
import css from './Approvals.module.css';
import { keepPlaces, type Placed } from './places';

export default function Approvals() {
  const { t } = useWords();
  const waiting = useQuery(approvals());
  const [seen, setSeen] = useState<{ of: unknown; places: readonly Placed[] }>();
  if (waiting.data && seen?.of !== waiting.data) {
    setSeen({ of: waiting.data, places: keepPlaces(seen?.places ?? [], waiting.data) });
  }
  const places = seen?.places ?? [];
  return (
    <Page>
      <PageHead title={t('approvals-title')} lead={t('approvals-lead')} />
      {waiting.isPending && <Waiting />}
      {waiting.data &&
        (waiting.data.length === 0 ? (
          <Empty title={t('approvals-none')} icon={<Inbox />}>
            {t('approvals-none-next')}
          </Empty>
        ) : (
          <div className={css.cards}>
            {places.map(({ request, gone }) => (
              <RequestCard key={request.id} request={request} pending={request} gone={gone} />
            ))}
          </div>
        ))}
      {/* Below: what is reached for stays where it is. */}
      <ProblemNote error={waiting.error} onRetry={() => waiting.refetch()} />
    </Page>
  );
}
