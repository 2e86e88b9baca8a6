/** One role and who holds it, until when. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Plus, Trash2, Users } from 'lucide-react';
import { api, ifMatch, type Schemas, take } from '../../api/client';
import { useWords } from '../../i18n';
import { Button } from '../../ui/Button';
import { Card, Face, Line, Lines, Page, PageHead, Pill, Time, Two, Waiting } from '../../ui/bits';
import { useConfirm } from '../../ui/Confirm';
import { ProblemNote } from '../../ui/ProblemNote';
import { say } from '../../ui/toast';
import { useNew } from '../../ui/useNew';
import { AddMember, type MemberKind } from '../shared/AddMember';
import { EditNamed } from '../shared/Named';

export default function Role() {
  const { t } = useWords();
  const { name = '' } = useParams({ strict: false });
  const client = useQueryClient();
  const navigate = useNavigate();
  const [dialog, ask] = useConfirm();
  const [adding, setAdding] = useNew();
  const found = useQuery({
    queryKey: ['roles', name],
    queryFn: () => take(api.GET('/api/v1/roles/{name}', { params: { path: { name } } })),
  });
  const r = found.data;
  const again = () => {
    client.invalidateQueries({ queryKey: ['roles'] });
    client.invalidateQueries({ queryKey: ['identities'] });
  };
  const at = (kind: MemberKind, holder: string) => ({ params: { path: { name, kind, holder } } });
  const takeAway = (h: Schemas['Assignment']) => {
    const kind = h.holder.kind === 'group' ? 'groups' : 'identities';
    const shown = h.holder_name ?? h.holder.id;
    ask({
      title: t('take-away-title', { who: shown, role: name }),
      what: <p>{t('take-away-what')}</p>,
      undo: t('take-away-undo'),
      verb: t('take-away'),
      run: () => take(api.DELETE('/api/v1/roles/{name}/{kind}/{holder}', at(kind, h.holder.id))),
      done: t('taken-away', { who: shown }),
      after: again,
    });
  };
  if (!r) {
    return (
      <Page>
        <PageHead title={name} />
        {found.isPending && <Waiting />}
        <ProblemNote error={found.error} onRetry={() => found.refetch()} />
      </Page>
    );
  }
  return (
    <Page>
      <PageHead
        above={<Link to="/manage/roles">{t('nav-roles')}</Link>}
        title={r.name}
        lead={r.description}
        actions={
          <Button
            kind="danger"
            icon={<Trash2 />}
            onClick={() =>
              ask({
                title: t('delete-title', { name: r.name }),
                what: <p>{t('delete-role-what', { count: r.holders.length })}</p>,
                undo: t('delete-undo'),
                verb: t('delete'),
                type: r.name,
                run: () =>
                  take(
                    api.DELETE('/api/v1/roles/{name}', {
                      params: { path: { name }, header: ifMatch(r.version) },
                    }),
                  ),
                done: t('deleted', { name: r.name }),
                after: () => {
                  again();
                  navigate({ to: '/manage/roles' });
                },
              })
            }
          >
            {t('delete')}
          </Button>
        }
      />
      <Two>
        <Card
          title={t('holders', { count: r.holders.length })}
          flush
          actions={
            <Button slim icon={<Plus />} onClick={() => setAdding('1')}>
              {t('assign')}
            </Button>
          }
        >
          <Lines>
            {r.holders.map(h => {
              const shown = h.holder_name ?? h.holder.id;
              const group = h.holder.kind === 'group';
              return (
                <Line
                  key={h.holder.id}
                  start={
                    group ? <Users size={18} aria-hidden="true" /> : <Face name={shown} small />
                  }
                  actions={
                    <Button slim kind="bare" onClick={() => takeAway(h)}>
                      {t('take-away')}
                      <span className="hide"> {shown}</span>
                    </Button>
                  }
                >
                  {h.holder_name ? (
                    <Link
                      to={group ? '/manage/groups/$name' : '/manage/people/$name'}
                      params={{ name: h.holder_name }}
                    >
                      {shown}
                    </Link>
                  ) : (
                    shown
                  )}
                  <span className="small soft">
                    {group ? t('member-group') : t('member-identity')}
                    {h.ends_at && (
                      <>
                        {' · '}
                        <Pill tone="warn">
                          {t('until')} <Time at={h.ends_at} />
                        </Pill>
                      </>
                    )}
                  </span>
                </Line>
              );
            })}
            {r.holders.length === 0 && <Line>{t('holders-none')}</Line>}
          </Lines>
        </Card>
        <Card title={t('details')}>
          <EditNamed key={r.version} kind="role" named={r} />
        </Card>
      </Two>
      {adding && (
        <AddMember
          title={t('assign-title', { role: r.name })}
          until
          onClose={() => setAdding()}
          send={(kind, who, ends_at) =>
            take(
              api.PUT('/api/v1/roles/{name}/{kind}/{holder}', {
                ...at(kind, who),
                body: { ends_at },
              }),
            )
          }
          onDone={who => {
            say(t('assigned', { who }));
            setAdding();
            again();
          }}
        />
      )}
      {dialog}
    </Page>
  );
}
