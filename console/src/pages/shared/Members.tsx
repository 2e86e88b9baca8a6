/** Who is in a group or holds a role: as lines, to be added to and taken from. */
import { Link } from '@tanstack/react-router';
import { Plus, Users } from 'lucide-react';
import { Fragment, type ReactNode } from 'react';
import type { Action } from '../../app/may';
import { useWords } from '../../i18n';
import { Button } from '../../ui/Button';
import { Card, Face, Line, Lines } from '../../ui/bits';
import { Act, type Ask } from '../../ui/Confirm';
import { say } from '../../ui/toast';
import { useNew } from '../../ui/useNew';
import { AddMember, type MemberKind } from './AddMember';
import { useDeeds } from './deeds';

export interface Member {
  id: string;
  kind: MemberKind;
  /** Where its page is; none when it is gone. */
  name: string | undefined;
  shown: string;
  below?: ReactNode;
}

/** What there is to say below a name, if anything. */
function Below({ of }: { of: ReactNode[] }) {
  const said = of.filter(Boolean);
  if (said.length === 0) return null;
  return (
    <span className="small soft">
      {said.map((x, i) => (
        <Fragment key={i}>
          {i > 0 && ' · '}
          {x}
        </Fragment>
      ))}
    </span>
  );
}

export function Members({
  action,
  members,
  title,
  none,
  add,
  addTitle,
  until,
  send,
  added,
  take,
  again,
}: {
  /** What adding and taking out asks for; without it they are only read. */
  action: Action;
  members: Member[];
  title: string;
  none: string;
  /** The button that adds. */
  add: string;
  addTitle: string;
  /** An end can be set. */
  until?: boolean;
  send: (kind: MemberKind, who: string, until: string | null) => Promise<unknown>;
  added: (who: string) => string;
  /** What is asked before one is taken out. */
  take: (member: Member) => Ask;
  again: () => void;
}) {
  const { t } = useWords();
  const may = useDeeds()(action);
  const [adding, setAdding] = useNew();
  return (
    <Card
      title={title}
      flush
      actions={
        may && (
          <Button slim icon={<Plus />} onClick={() => setAdding('1')}>
            {add}
          </Button>
        )
      }
    >
      <Lines>
        {members.map(m => {
          const group = m.kind === 'groups';
          const act = { ...take(m), after: again };
          return (
            <Line
              key={m.id}
              start={group ? <Users size={18} aria-hidden="true" /> : <Face name={m.shown} small />}
              actions={
                may && <Act name={`out:${m.id}`} slim kind="bare" ask={act} hidden={m.shown} />
              }
            >
              {m.name ? (
                <Link
                  to={group ? '/manage/groups/$name' : '/manage/people/$name'}
                  params={{ name: m.name }}
                >
                  {m.shown}
                </Link>
              ) : (
                m.shown
              )}
              <Below of={[group ? t('member-group') : m.name !== m.shown && m.name, m.below]} />
            </Line>
          );
        })}
        {members.length === 0 && <Line>{none}</Line>}
      </Lines>
      {may && adding && (
        <AddMember
          title={addTitle}
          verb={add}
          until={until ?? false}
          onClose={() => setAdding()}
          send={send}
          onDone={who => {
            say(added(who));
            setAdding();
            again();
          }}
        />
      )}
    </Card>
  );
}
