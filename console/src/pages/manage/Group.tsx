/** One group and who is in it. */
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { api, ifMatch, take } from '../../api/client';
import { useWords } from '../../i18n';
import { Two } from '../../ui/bits';
import type { MemberKind } from '../shared/AddMember';
import { DangerZone, Detail, type ListOf, useAgain } from '../shared/Detail';
import { FewAccess } from '../shared/FewKinds';
import { type Member, Members } from '../shared/Members';
import { NamedCard } from '../shared/Named';

export default function Group() {
  const { t } = useWords();
  const { name = '' } = useParams({ strict: false });
  const again = useAgain('groups', 'identities');
  const found = useQuery({
    queryKey: ['groups', name],
    queryFn: () => take(api.GET('/api/v1/groups/{name}', { params: { path: { name } } })),
  });
  const list: ListOf = { to: '/manage/groups', label: t('nav-groups') };
  const at = (kind: MemberKind, who: string) => ({ params: { path: { name, kind, member: who } } });
  return (
    <Detail found={found} name={name} list={list} head={g => ({ lead: g.description })}>
      {g => {
        const members: Member[] = [
          ...g.members.groups.map(m => ({
            id: m.id,
            kind: 'groups' as const,
            name: m.name,
            shown: m.name,
          })),
          ...g.members.identities.map(m => ({
            id: m.id,
            kind: 'identities' as const,
            name: m.name,
            shown: m.display_name || m.name,
          })),
        ];
        return (
          <>
            <Two>
              <Members
                action="group:write"
                members={members}
                title={t('members', { count: members.length })}
                none={t('members-none')}
                add={t('add-member')}
                addTitle={t('add-member-title', { group: g.name })}
                send={(kind, who) =>
                  take(api.PUT('/api/v1/groups/{name}/{kind}/{member}', at(kind, who)))
                }
                added={who => t('member-added', { who })}
                take={m => ({
                  title: t('take-out-title', { who: m.shown, group: name }),
                  what: <p>{t('take-out-what')}</p>,
                  undo: t('take-out-undo'),
                  verb: t('take-out'),
                  run: () =>
                    take(
                      api.DELETE(
                        '/api/v1/groups/{name}/{kind}/{member}',
                        at(m.kind, m.name ?? m.id),
                      ),
                    ),
                  done: t('taken-out', { who: m.shown }),
                })}
                again={again}
              />
              <NamedCard kind="group" named={g} />
            </Two>
            <FewAccess of={{ group: g.name }} />
            <DangerZone
              action="group:write"
              name={g.name}
              what={t('delete-group-what', { count: members.length })}
              run={() =>
                take(
                  api.DELETE('/api/v1/groups/{name}', {
                    params: { path: { name }, header: ifMatch(g.version) },
                  }),
                )
              }
              again={again}
              list={list}
            />
          </>
        );
      }}
    </Detail>
  );
}
