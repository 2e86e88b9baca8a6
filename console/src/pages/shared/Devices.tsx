/** What people sign in with: a browser or a command line, managed or not. */
import { Monitor, TerminalSquare } from 'lucide-react';
import type { ReactNode } from 'react';
import { api, ifMatch, type Schemas, take } from '../../api/client';
import { useWords } from '../../i18n';
import { Line, Pill, Row, Time } from '../../ui/bits';
import { Act } from '../../ui/Confirm';
import { agent } from './agent';

export type Device = Schemas['NamedDevice'];
type Any = Schemas['OwnDevice'] | Device;

/** What it is called: by what it called itself, or as the command line that it is. */
export function useDeviceName(): (device: Pick<Any, 'kind' | 'label'>) => string {
  const { t } = useWords();
  return d => (d.kind === 'cli' ? d.label || t('session-cli') : agent(d.label));
}

export function ManagedPill({ device }: { device: Pick<Any, 'managed'> }) {
  const { t } = useWords();
  return device.managed ? (
    <Pill tone="ok">{t('device-managed')}</Pill>
  ) : (
    <Pill>{t('device-unmanaged')}</Pill>
  );
}

export function DeviceLine({ device: d, actions }: { device: Any; actions: ReactNode }) {
  const { t } = useWords();
  const name = useDeviceName();
  const Icon = d.kind === 'cli' ? TerminalSquare : Monitor;
  return (
    <Line start={<Icon size={18} aria-hidden="true" />} actions={actions}>
      <span>
        <strong>{name(d)}</strong> <ManagedPill device={d} />
      </span>
      <span className="soft small">
        {t('device-first')} <Time at={d.created_at} /> · {t('device-last')}{' '}
        <Time at={d.last_seen_at} />
      </span>
    </Line>
  );
}

/** Whoever is signed in there is signed out. */
function Forget({
  device: d,
  run,
  again,
}: {
  device: Any;
  run: () => Promise<unknown>;
  again: () => void;
}) {
  const { t } = useWords();
  const name = useDeviceName()(d);
  return (
    <Act
      name={`forget:${d.id}`}
      slim
      kind="danger"
      hidden={name}
      ask={{
        title: t('device-forget-title', { name }),
        what: <p>{t('device-forget-what')}</p>,
        undo: t('device-forget-undo'),
        verb: t('device-forget'),
        run,
        done: t('device-forget-done', { name }),
        after: again,
      }}
    />
  );
}

/** What the owner does to a device of their own. */
export function ForgetMine({ device, again }: { device: Any; again: () => void }) {
  const params = { path: { id: device.id } };
  const run = () => take(api.DELETE('/api/v1/own/devices/{id}', { params }));
  return <Forget device={device} run={run} again={again} />;
}

/** What an administrator does to a device: says whether it is managed, or forgets it. */
export function DeviceActs({ device: d, again }: { device: Device; again: () => void }) {
  const { t } = useWords();
  const name = useDeviceName()(d);
  const path = { id: d.id };
  const say = (managed: boolean) =>
    take(
      api.PATCH('/api/v1/devices/{id}', {
        params: { path, header: ifMatch(d.version) },
        body: { managed },
      }),
    );
  return (
    <Row>
      {d.managed ? (
        <Act
          name={`unmanage:${d.id}`}
          slim
          hidden={name}
          ask={{
            title: t('device-unmanage-title', { name, owner: d.owner }),
            what: <p>{t('device-unmanage-what')}</p>,
            undo: t('device-unmanage-undo'),
            verb: t('device-unmanage'),
            run: () => say(false),
            done: t('device-unmanage-done', { name }),
            after: again,
          }}
        />
      ) : (
        <Act
          name={`manage:${d.id}`}
          slim
          hidden={name}
          ask={{
            title: t('device-manage-title', { name, owner: d.owner }),
            what: <p>{t('device-manage-what')}</p>,
            undo: t('device-manage-undo'),
            verb: t('device-manage'),
            mild: true,
            run: () => say(true),
            done: t('device-manage-done', { name }),
            after: again,
          }}
        />
      )}
      <Forget
        device={d}
        run={() => take(api.DELETE('/api/v1/devices/{id}', { params: { path } }))}
        again={again}
      />
    </Row>
  );
}
