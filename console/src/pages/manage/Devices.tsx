/** Everything that people sign in with, and which of it the organisation looks after. */
import { Link, useSearch } from '@tanstack/react-router';
import { Laptop } from 'lucide-react';
import { api, take } from '../../api/client';
import { useMay } from '../../app/may';
import { useWords } from '../../i18n';
import { type Column, List } from '../../list/List';
import { pageOf, some, yes } from '../../list/server';
import type { ListSearch } from '../../list/state';
import { Empty, Page, PageHead, Time } from '../../ui/bits';
import { useAgain } from '../shared/Detail';
import { type Device, DeviceActs, ManagedPill, useDeviceName } from '../shared/Devices';

export default function Devices() {
  const { t } = useWords();
  const search = useSearch({ strict: false }) as ListSearch;
  const again = useAgain('devices');
  const may = useMay()('device:manage');
  const name = useDeviceName();
  const columns: Column<Device>[] = [
    {
      id: 'label',
      head: t('column-device'),
      width: [12, 1.4],
      cell: d => name(d),
      value: d => d.label,
    },
    {
      id: 'owner',
      head: t('column-device-owner'),
      width: [8, 1],
      narrow: true,
      cell: d => (
        <Link to="/manage/people/$name" params={{ name: d.owner }}>
          {d.owner}
        </Link>
      ),
      value: d => d.owner,
    },
    {
      id: 'managed',
      head: t('column-state'),
      width: [8, 0.7],
      narrow: true,
      cell: d => <ManagedPill device={d} />,
      value: d => d.managed,
    },
    {
      id: 'last',
      head: t('column-last-seen'),
      sort: 'last_seen_at',
      width: [8, 0.8],
      cell: d => <Time at={d.last_seen_at} />,
      value: d => d.last_seen_at,
    },
    {
      id: 'created',
      head: t('column-created'),
      sort: 'created_at',
      width: [8, 0.8],
      extra: true,
      cell: d => <Time at={d.created_at} />,
      value: d => d.created_at,
    },
    ...(may
      ? [
          {
            id: 'acts',
            head: t('column-acts'),
            width: [17, 1.3],
            narrow: true,
            end: true,
            cell: (d: Device) => <DeviceActs device={d} again={again} />,
          } satisfies Column<Device>,
        ]
      : []),
  ];
  return (
    <Page full fill>
      <PageHead title={t('nav-devices')} lead={t('devices-lead')} />
      <List
        label={t('nav-devices')}
        queryKey={['devices', 'list']}
        fetch={ask =>
          take(
            api.GET(
              '/api/v1/devices',
              pageOf(ask, {
                managed: yes(ask.filters.managed),
                identity: some(ask.filters.identity),
              }),
            ),
          )
        }
        search={search}
        columns={columns}
        filters={[
          {
            id: 'managed',
            label: t('column-state'),
            options: [
              { value: 'true', label: t('device-managed') },
              { value: 'false', label: t('device-unmanaged') },
            ],
          },
          { id: 'identity', label: t('column-device-owner'), more: true },
        ]}
        rowKey={d => d.id}
        empty={
          <Empty title={t('devices-none')} icon={<Laptop />}>
            {t('devices-none-next')}
          </Empty>
        }
      />
    </Page>
  );
}
