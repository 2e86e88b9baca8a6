/** One secret: its versions; its value only when asked, recorded first. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Eye, EyeOff, Plus, Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { api, take } from '../../api/client';
import { useForm } from '../../forms/useForm';
import { useWords } from '../../i18n';
import { Button } from '../../ui/Button';
import {
  Card,
  CopyButton,
  Line,
  Lines,
  Page,
  PageHead,
  Pill,
  Time,
  type Tone,
  Two,
  Waiting,
} from '../../ui/bits';
import { useConfirm } from '../../ui/Confirm';
import { Actions, Dialog } from '../../ui/Dialog';
import { TextArea } from '../../ui/Field';
import { ProblemNote } from '../../ui/ProblemNote';
import { say } from '../../ui/toast';
import { useNew } from '../../ui/useNew';
import css from './Secret.module.css';

/** A value that is shown is hidden again after this. */
const SHOWN = 60_000;

const TONES: Record<string, Tone> = { live: 'ok', pending: 'warn', destroyed: 'bad' };

export default function Secret() {
  const { t } = useWords();
  const { name = '' } = useParams({ strict: false });
  const client = useQueryClient();
  const navigate = useNavigate();
  const [dialog, ask] = useConfirm();
  const [writing, setWriting] = useNew();
  const path = { params: { path: { name } } };
  const versions = useQuery({
    queryKey: ['secrets', name],
    queryFn: () => take(api.GET('/api/v1/secrets/{name}/versions', path)),
  });
  const again = () => client.invalidateQueries({ queryKey: ['secrets'] });
  return (
    <Page>
      <PageHead
        above={<Link to="/manage/secrets">{t('nav-secrets')}</Link>}
        title={<span className="mono">{name}</span>}
        actions={
          <>
            <Button icon={<Plus />} onClick={() => setWriting('1')}>
              {t('new-version')}
            </Button>
            <Button
              kind="danger"
              icon={<Trash2 />}
              onClick={() =>
                ask({
                  title: t('delete-title', { name }),
                  what: <p>{t('delete-secret-what')}</p>,
                  undo: t('delete-undo'),
                  verb: t('delete'),
                  type: name,
                  run: () => take(api.DELETE('/api/v1/secrets/{name}', path)),
                  done: t('deleted', { name }),
                  after: () => {
                    again();
                    navigate({ to: '/manage/secrets' });
                  },
                })
              }
            >
              {t('delete')}
            </Button>
          </>
        }
      />
      <Two>
        <Value name={name} />
        <Card title={t('versions')} flush>
          {versions.isPending && <Waiting />}
          <ProblemNote error={versions.error} onRetry={() => versions.refetch()} />
          <Lines>
            {(versions.data?.items ?? []).map(v => (
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
      </Two>
      {writing && <Write name={name} onClose={() => setWriting()} onDone={again} />}
      {dialog}
    </Page>
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
    <Dialog title={t('new-version-title', { name })} open onClose={onClose}>
      <form className="stack" onSubmit={form.submit}>
        <TextArea
          label={t('field-value')}
          hint={t('field-value-hint')}
          mono
          rows={4}
          required
          {...form.text('value')}
        />
        <ProblemNote error={form.problem} onRetry={form.submit} />
        <Actions>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button type="submit" kind="primary" busy={form.busy}>
            {t('new-version')}
          </Button>
        </Actions>
      </form>
    </Dialog>
  );
}
