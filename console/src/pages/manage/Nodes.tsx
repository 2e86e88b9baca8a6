/** The processes of this house. */
import { useQuery } from '@tanstack/react-query';
import { status } from '../../api/queries';
import { useWords } from '../../i18n';
import { Card, Facts, Page, PageHead, Pill, Waiting } from '../../ui/bits';
import { ProblemNote } from '../../ui/ProblemNote';

export default function Nodes() {
  const { t } = useWords();
  const house = useQuery(status());
  const h = house.data;
  return (
    <Page>
      <PageHead title={t('nav-nodes')} lead={t('nodes-lead')} />
      <ProblemNote error={house.error} onRetry={() => house.refetch()} />
      {house.isPending && <Waiting />}
      {h && (
        <Card title={t('nodes-this')} actions={<Pill tone="ok">{t('nodes-answers')}</Pill>}>
          <Facts
            items={[
              [t('settings-version'), h.version],
              [t('settings-database'), t(`database-${h.database}`)],
              [t('nodes-sessions'), h.open_here],
              [t('overview-vault'), h.seal.sealed ? t('sealed') : t('unsealed')],
              [
                t('nodes-log'),
                t('nodes-log-value', { leaves: h.log_leaves, waiting: h.log_waiting }),
              ],
            ]}
          />
        </Card>
      )}
    </Page>
  );
}
