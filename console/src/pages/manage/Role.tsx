/** One role and who holds it, until when. */
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { api, ifMatch, take } from '../../api/client';
import { useWords } from '../../i18n';
import { Pill, Time, Two } from '../../ui/bits';
import type { MemberKind } from '../shared/AddMember';
import { DangerZone, Detail, type ListOf, useAgain } from '../shared/Detail';
import { type Member, Members } from '../shared/Members';
import { NamedCard } from '../shared/Named';

export default function Role() {
  const { t } = useWords();
  const { name = '' } = useParams({ strict: false });
  const again = useAgain('roles', 'identities');
  const found = useQuery({
    queryKey: ['roles', name],
    queryFn: () => take(api.GET('/api/v1/roles/{name}', { params: { path: { name } } })),
  });
  const list: ListOf = { to: '/manage/roles', label: t('nav-roles') };
  const at = (kind: MemberKind, holder: string) => ({ params: { path: { name, kind, holder } } });
  return (
    <Detail found={found} name={name} list={list} head={r => ({ lead: r.description })}>
      {r => {
        const holders: Member[] = r.holders.map(h => ({
          id: h.holder.id,
          kind: h.holder.kind === 'group' ? 'groups' : 'identities',
          name: h.holder_name ?? undefined,
          shown: h.holder_name ?? h.holder.id,
          below: h.ends_at && (
            <Pill tone="warn">
              {t('until')} <Time at={h.ends_at} />
            </Pill>
          ),
        }));
        return (
          <>
            <Two>
              <Members
                action="role:write"
                members={holders}
                title={t('holders', { count: holders.length })}
                none={t('holders-none')}
                add={t('assign')}
                addTitle={t('assign-title', { role: r.name })}
                until
                send={(kind, who, ends_at) =>
                  take(
                    api.PUT('/api/v1/roles/{name}/{kind}/{holder}', {
                      ...at(kind, who),
                      body: { ends_at },
                    }),
                  )
                }
                added={who => t('assigned', { who })}
                take={m => ({
                  title: t('take-away-title', { who: m.shown, role: name }),
                  what: <p>{t('take-away-what')}</p>,
                  undo: t('take-away-undo'),
                  verb: t('take-away'),
                  run: () =>
                    take(api.DELETE('/api/v1/roles/{name}/{kind}/{holder}', at(m.kind, m.id))),
                  done: t('taken-away', { who: m.shown }),
                })}
                again={again}
              />
              <NamedCard kind="role" named={r} />
            </Two>
            <DangerZone
              action="role:write"
              name={r.name}
              what={t('delete-role-what', { count: holders.length })}
              run={() =>
                take(
                  api.DELETE('/api/v1/roles/{name}', {
                    params: { path: { name }, header: ifMatch(r.version) },
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
