/**
 * Who reaches what, by which path, standing or on request: asked about a person,
 * a group, or what is reached; as a picture, and beside it as a table.
 */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Network } from 'lucide-react';
import { useMemo, useState } from 'react';
import { api, take } from '../../api/client';
import {
  type Access,
  edgeOf,
  everything,
  howOf,
  MOST,
  pageOfWhat,
  pathText,
  type Question,
} from '../../graph/access';
import type { How } from '../../graph/layout';
import { AccessPicture } from '../../graph/Map';
import { REACHED, TONES } from '../../graph/reached';
import { useWords } from '../../i18n';
import { type Column, List } from '../../list/List';
import { one, yes } from '../../list/server';
import { type ListSearch, readList } from '../../list/state';
import { Button } from '../../ui/Button';
import { Card, Empty, Facts, Fields, Notice, Page, PageHead, Pill, Time } from '../../ui/bits';
import { Actions } from '../../ui/Dialog';
import { Choice } from '../../ui/Field';
import { Picker } from '../../ui/Picker';
import { requirements } from '../../ui/ProblemNote';
import { findAccount, findGroup, findIdentity } from '../shared/find';
import { PolicyLinks } from './Why';

const ASKED = ['now', 'step_up', 'request', 'break_glass'] as const;
const WHOSE = ['person', 'workload'] as const;
const KINDS = ['Account', 'Application'] as const;

type About = 'who' | 'group' | 'what';

export default function AccessMap() {
  const { t } = useWords();
  const search = useSearch({ strict: false }) as ListSearch;
  const asked: Question = { who: search.who, group: search.group, what: search.what };
  const any = asked.who !== undefined || asked.group !== undefined || asked.what !== undefined;
  // What stands can be asked about everybody.
  const standing = readList(search).filters.standing !== undefined;
  return (
    <Page>
      <PageHead title={t('nav-map')} lead={t('map-lead')} />
      <Ask key={JSON.stringify(asked)} asked={asked} />
      {any && <Picture asked={asked} />}
      {any || standing ? (
        <Table asked={asked} search={search} />
      ) : (
        <Empty title={t('map-none')} icon={<Network />}>
          {t('map-none-next')}
        </Empty>
      )}
    </Page>
  );
}

function Ask({ asked }: { asked: Question }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const begin: About =
    asked.group !== undefined ? 'group' : asked.who !== undefined ? 'who' : 'what';
  const [about, setAbout] = useState<About>(Object.values(asked).some(Boolean) ? begin : 'who');
  const [subject, setSubject] = useState(asked.who ?? asked.group ?? '');
  const [what, setWhat] = useState(asked.what ?? '');
  const ready = about === 'what' ? what.trim() !== '' : subject.trim() !== '';
  return (
    <Card>
      <form
        className="stack"
        onSubmit={e => {
          e.preventDefault();
          navigate({
            to: '/manage/map',
            search: {
              [about]: subject.trim() || undefined,
              ...(what.trim() ? { what: what.trim() } : {}),
            } as never,
          });
        }}
      >
        <Choice
          legend={t('map-about')}
          name="about"
          value={about}
          onChange={next => {
            setAbout(next);
            setSubject('');
          }}
          options={[
            { value: 'who', label: t('map-person'), hint: t('map-person-hint') },
            { value: 'group', label: t('member-group'), hint: t('map-group-hint') },
            { value: 'what', label: t('map-what'), hint: t('map-what-hint') },
          ]}
        />
        <Fields>
          {about !== 'what' && (
            <Picker
              key={about}
              label={about === 'who' ? t('map-person') : t('member-group')}
              value={subject}
              onChange={setSubject}
              find={about === 'who' ? findIdentity : findGroup}
              required
            />
          )}
          <Picker
            label={about === 'what' ? t('map-what') : t('map-narrow')}
            value={what}
            onChange={setWhat}
            find={findAccount}
            placeholder="deploy@web-1"
            required={about === 'what'}
          />
        </Fields>
        <Actions>
          <Button type="submit" kind="primary" disabled={!ready}>
            {t('map-show')}
          </Button>
        </Actions>
      </form>
    </Card>
  );
}

/** How many in each way, and the picture of them. */
function Picture({ asked }: { asked: Question }) {
  const { t } = useWords();
  const [count, setCount] = useState(0);
  const found = useQuery({
    queryKey: ['access', 'picture', asked],
    queryFn: ({ signal }) => everything(asked, setCount, signal),
    staleTime: 60_000,
    retry: false,
  });
  const edges = useMemo(() => (found.data?.items ?? []).map(edgeOf), [found.data]);
  if (found.isPending) {
    return (
      <p className="small soft" role="status">
        {t('map-progress', { n: count })}
      </p>
    );
  }
  // What went wrong is said by the table, which asks the same.
  if (!found.data || edges.length === 0) return null;
  return (
    <Card title={t('map-picture')}>
      {found.data.cut && <Notice tone="warn" title={t('map-cut', { n: MOST })} />}
      <Facts
        items={(Object.keys(REACHED) as How[]).map(how => {
          const many = edges.filter(e => e.how === how).length;
          return many > 0 ? [t(REACHED[how]), many] : undefined;
        })}
      />
      <AccessPicture edges={edges} groups={asked.group !== undefined} />
    </Card>
  );
}

function Table({ asked, search }: { asked: Question; search: ListSearch }) {
  const words = useWords();
  const { t } = words;
  const known = asked.who !== undefined || asked.group !== undefined;
  const who: Column<Access> = {
    id: 'who',
    head: t('column-who'),
    width: [6, 0.8],
    narrow: !known,
    cell: a => (
      <Link
        to={a.who_kind.endsWith('group') ? '/manage/groups/$name' : '/manage/people/$name'}
        params={{ name: a.who }}
      >
        {a.who}
      </Link>
    ),
    value: a => a.who,
  };
  const what: Column<Access> = {
    id: 'what',
    head: t('column-on'),
    width: [9, 1],
    narrow: true,
    cell: a => (
      <Link {...pageOfWhat(a.what)} className="mono">
        {a.what}
      </Link>
    ),
    value: a => a.what,
  };
  const columns: Column<Access>[] = [
    // What the question does not say comes first.
    ...(known ? [what, who] : [who, what]),
    {
      id: 'how',
      head: t('map-how'),
      width: [9, 1],
      narrow: true,
      cell: a => (
        <>
          <Pill tone={TONES[howOf(a)]}>{t(REACHED[howOf(a)])}</Pill>{' '}
          {a.until && (
            <span className="small soft">
              {t('until')} <Time at={a.until} />
            </span>
          )}
        </>
      ),
      value: a => howOf(a),
    },
    {
      id: 'path',
      head: t('map-path'),
      width: [9, 1.2],
      narrow: true,
      cell: a => a.paths.map(p => pathText(p) || t('map-direct')).join(', '),
      value: a => a.paths.map(p => pathText(p) || 'direct').join(', '),
    },
    {
      id: 'needs',
      head: t('map-needs'),
      width: [10, 1.3],
      cell: a => (a.requirements.length > 0 ? requirements(words, a.requirements) : '–'),
      value: a => a.sentences.join(' '),
    },
    {
      id: 'used',
      head: t('map-used'),
      width: [7, 0.6],
      cell: a => (a.last_used ? <Time at={a.last_used} /> : t('map-never')),
      value: a => a.last_used,
    },
    {
      id: 'policies',
      head: t('audit-policies'),
      width: [10, 0.9],
      extra: true,
      cell: a => <PolicyLinks names={a.policies} />,
      value: a => a.policies.join(', '),
    },
    {
      id: 'glass',
      head: t('break-glass'),
      width: [6, 0.5],
      extra: true,
      cell: a => (a.break_glass ? t('yes') : t('no')),
      value: a => a.break_glass,
    },
    {
      id: 'why',
      head: t('column-do'),
      width: [5.5, 0.4],
      end: true,
      cell: a =>
        !a.who_kind.endsWith('group') && (
          <Link
            to="/manage/why"
            search={
              {
                who: a.who,
                what: a.what_kind === 'Account' ? 'session:open' : 'application:open',
                on: a.what,
              } as never
            }
          >
            {t('nav-why')}
            <span className="hide">
              {' '}
              {a.who} {a.what}
            </span>
          </Link>
        ),
    },
  ];
  return (
    <List
      label={t('nav-map')}
      queryKey={['access', 'list', asked]}
      fetch={({ filters, cursor, limit, signal }) =>
        take(
          api.GET('/api/v1/access', {
            params: {
              query: {
                ...asked,
                how: one(filters.how, ASKED),
                standing: yes(filters.standing),
                who_kind: one(filters.who_kind, WHOSE),
                what_kind: one(filters.what_kind, KINDS),
                cursor,
                limit,
              },
            },
            signal,
          }),
        )
      }
      search={search}
      searchable={false}
      short={36}
      columns={columns}
      filters={[
        {
          id: 'how',
          label: t('map-how'),
          options: ASKED.map(h => ({
            value: h,
            label: h === 'now' ? t('map-now') : t(REACHED[h]),
          })),
        },
        {
          id: 'standing',
          label: t('map-standing'),
          options: [
            { value: 'true', label: t('map-standing') },
            { value: 'false', label: t('map-ending') },
          ],
          more: true,
        },
        {
          id: 'who_kind',
          label: t('map-whose'),
          options: [
            { value: 'person', label: t('nav-people') },
            { value: 'workload', label: t('nav-workloads') },
          ],
          more: true,
        },
        {
          id: 'what_kind',
          label: t('map-of'),
          options: [
            { value: 'Account', label: t('standing-accounts') },
            { value: 'Application', label: t('nav-applications') },
          ],
          more: true,
        },
      ]}
      rowKey={a => `${a.who_id} ${a.what_id}`}
      empty={
        <Empty title={t('map-nobody')} icon={<Network />}>
          {t('map-nobody-next')}
        </Empty>
      }
    />
  );
}
