/** One group and who is in it. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Plus, Trash2, Users } from 'lucide-react';
import { api, ifMatch, take } from '../../api/client';
import { useWords } from '../../i18n';
import { Button } from '../../ui/Button';
import { Card, Face, Line, Lines, Page, PageHead, Two, Waiting } from '../../ui/bits';
import { useConfirm } from '../../ui/Confirm';
import { ProblemNote } from '../../ui/ProblemNote';
import { say } from '../../ui/toast';
import { useNew } from '../../ui/useNew';
import { AddMember, type MemberKind } from '../shared/AddMember';
import { EditNamed } from '../shared/Named';

export default function Group() {
  const { t } = useWords();
  const { name = '' } = useParams({ strict: false });
  const client = useQueryClient();
  const navigate = useNavigate();
  const [dialog, ask] = useConfirm();
  const [adding, setAdding] = useNew();
  const found = useQuery({
    queryKey: ['groups', name],
    queryFn: () => take(api.GET('/api/v1/groups/{name}', { params: { path: { name } } })),
  });
  const g = found.data;
  const again = () => {
    client.invalidateQueries({ queryKey: ['groups'] });
    client.invalidateQueries({ queryKey: ['identities'] });
  };
  const member = (kind: MemberKind, who: string) => ({
    params: { path: { name, kind, member: who } },
  });
  const takeOut = (kind: MemberKind, who: string, shown: string) =>
    ask({
      title: t('take-out-title', { who: shown, group: name }),
      what: <p>{t('take-out-what')}</p>,
      undo: t('take-out-undo'),
      verb: t('take-out'),
      run: () => take(api.DELETE('/api/v1/groups/{name}/{kind}/{member}', member(kind, who))),
      done: t('taken-out', { who: shown }),
      after: again,
    });
  if (!g) {
    return (
      <Page>
        <PageHead title={name} />
        {found.isPending && <Waiting />}
        <ProblemNote error={found.error} onRetry={() => found.refetch()} />
      </Page>
    );
  }
  const count = g.members.identities.length + g.members.groups.length;
  return (
    <Page>
      <PageHead
        above={<Link to="/manage/groups">{t('nav-groups')}</Link>}
        title={g.name}
        lead={g.description}
        actions={
          <Button
            kind="danger"
            icon={<Trash2 />}
            onClick={() =>
              ask({
                title: t('delete-title', { name: g.name }),
                what: <p>{t('delete-group-what', { count })}</p>,
                undo: t('delete-undo'),
                verb: t('delete'),
                type: g.name,
                run: () =>
                  take(
                    api.DELETE('/api/v1/groups/{name}', {
                      params: { path: { name }, header: ifMatch(g.version) },
                    }),
                  ),
                done: t('deleted', { name: g.name }),
                after: () => {
                  again();
                  navigate({ to: '/manage/groups' });
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
          title={t('members', { count })}
          flush
          actions={
            <Button slim icon={<Plus />} onClick={() => setAdding('1')}>
              {t('add-member')}
            </Button>
          }
        >
          <Lines>
            {g.members.groups.map(m => (
              <Line
                key={m.id}
                start={<Users size={18} aria-hidden="true" />}
                actions={
                  <Button slim kind="bare" onClick={() => takeOut('groups', m.name, m.name)}>
                    {t('take-out')}
                    <span className="hide"> {m.name}</span>
                  </Button>
                }
              >
                <Link to="/manage/groups/$name" params={{ name: m.name }}>
                  {m.name}
                </Link>
                <span className="small soft">{t('member-group')}</span>
              </Line>
            ))}
            {g.members.identities.map(m => (
              <Line
                key={m.id}
                start={<Face name={m.display_name || m.name} small />}
                actions={
                  <Button
                    slim
                    kind="bare"
                    onClick={() => takeOut('identities', m.name, m.display_name || m.name)}
                  >
                    {t('take-out')}
                    <span className="hide"> {m.display_name || m.name}</span>
                  </Button>
                }
              >
                <Link to="/manage/people/$name" params={{ name: m.name }}>
                  {m.display_name || m.name}
                </Link>
                <span className="small soft mono">{m.name}</span>
              </Line>
            ))}
            {count === 0 && <Line>{t('members-none')}</Line>}
          </Lines>
        </Card>
        <Card title={t('details')}>
          <EditNamed key={g.version} kind="group" named={g} />
        </Card>
      </Two>
      {adding && (
        <AddMember
          title={t('add-member-title', { group: g.name })}
          onClose={() => setAdding()}
          send={(kind, who) =>
            take(api.PUT('/api/v1/groups/{name}/{kind}/{member}', member(kind, who)))
          }
          onDone={who => {
            say(t('member-added', { who }));
            setAdding();
            again();
          }}
        />
      )}
      {dialog}
    </Page>
  );
}
