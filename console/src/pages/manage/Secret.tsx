/** One secret: its versions; its value only when asked, recorded first. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Eye, EyeOff, Plus } from 'lucide-react';
import { useEffect, useState } from 'react';
import { api, take } from '../../api/client';
import { useForm } from '../../forms/useForm';
import { useWords } from '../../i18n';
import { Button } from '../../ui/Button';
import { Card, CopyButton, Line, Lines, Pill, Time, type Tone, Two, Waiting } from '../../ui/bits';
import { TextArea } from '../../ui/Field';
import { FormDialog } from '../../ui/FormEnd';
import { ProblemNote } from '../../ui/ProblemNote';
import { say } from '../../ui/toast';
import { useNew } from '../../ui/useNew';
import { DangerZone, Detail, type ListOf, useAgain } from '../shared/Detail';
import { useDeeds } from '../shared/deeds';
import css from './Secret.module.css';

/** A value that is shown is hidden again after this. */
const SHOWN = 60_000;

const TONES: Record<string, Tone> = { live: 'ok', pending: 'warn', destroyed: 'bad' };

export default function Secret() {
  const { t } = useWords();
  const { name = '' } = useParams({ strict: false });
  const may = useDeeds()('secret:write');
  const [writing, setWriting] = useNew();
  const again = useAgain('secrets');
  const path = { params: { path: { name } } };
  const secret = useQuery({
    queryKey: ['secrets', name],
    queryFn: () => take(api.GET('/api/v1/secrets/{name}', path)),
  });
  const list: ListOf = { to: '/manage/secrets', label: t('nav-secrets') };
  return (
    <Detail
      found={secret}
      name={name}
      list={list}
      head={s => ({
        title: <span className="mono">{name}</span>,
        state: <Pill>{t(`secret-${s.kind}`)}</Pill>,
        lead: s.description,
        actions: may && (
          <Button icon={<Plus />} onClick={() => setWriting('1')}>
            {t('new-version')}
          </Button>
        ),
      })}
    >
      {() => (
        <>
          <Two>
            <Value name={name} />
            <Versions name={name} />
          </Two>
          <DangerZone
            action="secret:write"
            name={name}
            what={t('delete-secret-what')}
            run={() => take(api.DELETE('/api/v1/secrets/{name}', path))}
            again={again}
            list={list}
          />
          {may && writing && <Write name={name} onClose={() => setWriting()} onDone={again} />}
        </>
      )}
    </Detail>
  );
}

function Versions({ name }: { name: string }) {
  const { t } = useWords();
  const versions = useQuery({
    queryKey: ['secrets', name, 'versions'],
    queryFn: () => take(api.GET('/api/v1/secrets/{name}/versions', { params: { path: { name } } })),
  });
  return (
    <Card title={t('versions')} flush>
      {versions.isPending && <Waiting />}
      <ProblemNote error={versions.error} onRetry={() => versions.refetch()} />
      <Lines>
        {versions.data?.items.map(v => (
          <Line
            key={v.number}
            actions={<Pill tone={TONES[v.state] ?? 'plain'}>{t(`version-${v.state}`)}</Pill>}
          >
            <strong className="num">{t('version-number', { n: v.number })}</strong>
            <span className="small soft">
              <Time at={v.created_at} />
            </span>
          </Line>
        ))}
      </Lines>
    </Card>
  );
}

function Value({ name }: { name: string }) {
  const { t } = useWords();
  const read = useMutation({
    mutationFn: () => take(api.POST('/api/v1/secrets/{name}/read', { params: { path: { name } } })),
    gcTime: 0,
  });
  const value = read.data?.value;
  const { reset } = read;
  useEffect(() => {
    if (value === undefined) return;
    const timer = setTimeout(reset, SHOWN);
    return () => clearTimeout(timer);
  }, [value, reset]);
  return (
    <Card title={t('secret-value')}>
      {value === undefined ? (
        <>
          <p className="soft">{t('secret-read-text')}</p>
          <ProblemNote error={read.error} onRetry={() => read.mutate()} />
          <div>
            <Button icon={<Eye />} onClick={() => read.mutate()} busy={read.isPending}>
              {t('secret-read')}
            </Button>
          </div>
        </>
      ) : (
        <>
          <div className={css.value}>
            <pre>{value}</pre>
            <CopyButton text={value} label={t('copy-value')} />
          </div>
          <div>
            <Button icon={<EyeOff />} onClick={reset}>
              {t('secret-hide')}
            </Button>
          </div>
        </>
      )}
    </Card>
  );
}

function Write({
  name,
  onClose,
  onDone,
}: {
  name: string;
  onClose: () => void;
  onDone: () => void;
}) {
  const { t } = useWords();
  const [key] = useState(() => `secret.${name}`);
  const form = useForm({
    key,
    initial: { value: '' },
    secret: ['value'],
    send: v =>
      take(
        api.PUT('/api/v1/secrets/{name}', { params: { path: { name } }, body: { value: v.value } }),
      ),
    onDone: () => {
      say(t('saved'));
      onDone();
      onClose();
    },
  });
  return (
    <FormDialog
      title={t('new-version-title', { name })}
      form={form}
      verb={t('save')}
      onClose={onClose}
    >
      <TextArea
        label={t('field-value')}
        hint={t('field-value-hint')}
        mono
        rows={4}
        required
        {...form.text('value')}
      />
    </FormDialog>
  );
}
