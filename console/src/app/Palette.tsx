/** Goes anywhere: places, people, targets, sessions, by a few letters. */
import { useQueries } from '@tanstack/react-query';
import { type LinkProps, useNavigate } from '@tanstack/react-router';
import {
  AppWindow,
  BookText,
  Boxes,
  DoorOpen,
  FileText,
  KeyRound,
  Languages,
  LogOut,
  type LucideIcon,
  Moon,
  Plus,
  ScrollText,
  Server,
  Settings,
  SquareTerminal,
  SunMedium,
  SunMoon,
  UserRound,
  Users,
} from 'lucide-react';
import {
  type KeyboardEvent,
  type ReactNode,
  useDeferredValue,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import { Dialog, Modal, ModalOverlay } from 'react-aria-components';
import { api, take } from '../api/client';
import {
  type Args,
  chooseLanguage,
  LANGUAGES,
  type Language,
  type MessageId,
  useWords,
} from '../i18n';
import { Aria } from '../ui/Aria';
import { type Action, useMay } from './may';
import { CONSOLE, PORTAL } from './nav';
import css from './Palette.module.css';
import { signOut } from './sign-out';
import { chooseTheme } from './theme';

interface Hit {
  id: string;
  group: string;
  /** How well it fits; less is better. */
  rank: number;
  label: string;
  hint?: string | undefined;
  icon: ReactNode;
  go: () => void;
}

/**
 * Whether the text fits what is wanted: as it stands there, or all of its words in any
 * order, or at least its letters. A lower rank is better.
 */
export function rank(text: string, wanted: string): number | undefined {
  const [hay, needle] = [text.toLowerCase(), wanted.toLowerCase()];
  if (needle === '') return 0;
  const at = hay.indexOf(needle);
  if (at === 0) return 0;
  if (at > 0) return hay[at - 1] === ' ' ? 1 : 2;
  const words = needle.split(/\s+/).filter(Boolean);
  if (words.length > 1 && words.every(word => hay.includes(word))) return 2;
  let from = 0;
  for (const letter of needle) {
    from = hay.indexOf(letter, from) + 1;
    if (from === 0) return undefined;
  }
  return 3;
}

function usePlaces(wanted: string): Hit[] {
  const { t } = useWords();
  const may = useMay();
  const navigate = useNavigate();
  return [...PORTAL, ...CONSOLE]
    .flatMap(s => s.places)
    .filter(p => may(p.may))
    .map(p => ({ place: p, at: rank(t(p.label), wanted) }))
    .filter((x): x is { place: typeof x.place; at: number } => x.at !== undefined)
    .sort((a, b) => a.at - b.at)
    .slice(0, wanted === '' ? 20 : 6)
    .map(({ place: { to, label, icon: Icon }, at }) => ({
      id: `place-${to}`,
      group: t('palette-places'),
      rank: at,
      label: t(label),
      hint: to.startsWith('/manage') ? t('face-console') : undefined,
      icon: <Icon />,
      go: () => navigate({ to }),
    }));
}

/** Things to do, wherever one is: the page where it is done, with its dialog open. */
function useDeeds(wanted: string): Hit[] {
  const { t } = useWords();
  const may = useMay();
  const navigate = useNavigate();
  if (wanted.trim().length < 2) return [];
  return DEEDS.filter(d => may(d.may))
    .map(d => {
      const label = t(d.label, d.args);
      return { deed: d, label, at: rankWith(label, d.also && t(d.also), wanted) };
    })
    .filter((x): x is typeof x & { at: number } => x.at !== undefined && x.at < 3)
    .sort((a, b) => a.at - b.at)
    .slice(0, 5)
    .map(({ deed: { id, go, icon: Icon }, label, at }) => ({
      id: `deed-${id ?? label}`,
      group: t(Icon === Settings ? 'nav-settings' : 'palette-deeds'),
      rank: at,
      label,
      icon: <Icon />,
      go: () => (typeof go === 'function' ? go() : navigate(go as never)),
    }));
}

/** As `rank`; what is only found by other words for it comes after. */
export function rankWith(
  label: string,
  also: string | undefined,
  wanted: string,
): number | undefined {
  const at = rank(label, wanted);
  if (at !== undefined && at < 3) return at;
  const other = also === undefined ? undefined : rank(`${label} ${also}`, wanted);
  return other !== undefined && other < 3 ? 2 : at;
}

interface Deed {
  id?: string;
  label: MessageId;
  args?: Args;
  /** Other words that find it. */
  also?: MessageId;
  may?: Action;
  icon: LucideIcon;
  /** Where it is done, or the deed itself. */
  go: LinkProps | (() => void);
}

const open = (to: LinkProps['to'], hash?: string): LinkProps => ({
  to,
  ...(hash ? { hash } : { search: { new: '1' } as never }),
});

const DEEDS: Deed[] = [
  ...(
    [
      ['light', 'theme-light', SunMedium],
      ['dark', 'theme-dark', Moon],
      ['system', 'theme-system', SunMoon],
    ] as const
  ).map(([id, label, icon]) => ({
    id: `theme-${id}`,
    label,
    also: 'palette-also-theme' as const,
    icon,
    go: () => chooseTheme(id),
  })),
  ...(Object.keys(LANGUAGES) as Language[]).map(id => ({
    id: `language-${id}`,
    label: 'palette-language' as const,
    args: { name: LANGUAGES[id] },
    also: id === 'de' ? ('palette-also-german' as const) : ('palette-also-english' as const),
    icon: Languages,
    go: () => chooseLanguage(id),
  })),
  { label: 'plain-pages', icon: FileText, go: () => location.assign('/') },
  { label: 'sign-out', also: 'palette-also-sign-out', icon: LogOut, go: () => void signOut() },
  {
    label: 'overview-failed',
    may: 'audit:read',
    icon: ScrollText,
    go: { to: '/manage/audit', search: { 'f.outcome': 'failure', 'f.class': '3002' } as never },
  },
  { label: 'request-access', icon: DoorOpen, go: { to: '/request' } },
  { label: 'add-ssh-key', icon: KeyRound, go: open('/security') },
  { label: 'add-person', may: 'identity:write', icon: Plus, go: open('/manage/people') },
  { label: 'add-workload', may: 'identity:write', icon: Plus, go: open('/manage/workloads') },
  { label: 'add-group', may: 'group:write', icon: Plus, go: open('/manage/groups') },
  { label: 'add-role', may: 'role:write', icon: Plus, go: open('/manage/roles') },
  { label: 'add-target', may: 'target:write', icon: Plus, go: open('/manage/targets') },
  {
    label: 'add-application',
    may: 'application:write',
    icon: Plus,
    go: open('/manage/applications'),
  },
  { label: 'add-secret', may: 'secret:write', icon: Plus, go: open('/manage/secrets') },
  {
    label: 'add-policy',
    may: 'policy:write',
    icon: Plus,
    go: { to: '/manage/policies/$name', params: { name: '~new' } as never },
  },
  {
    label: 'settings-seal',
    may: 'status:read',
    icon: Settings,
    go: open('/manage/settings', 'seal'),
  },
  { label: 'ssh-ca', may: 'status:read', icon: Settings, go: open('/manage/settings', 'ssh-ca') },
  {
    label: 'webhooks',
    may: 'settings:write',
    icon: Settings,
    go: open('/manage/settings', 'webhooks'),
  },
];

interface Thing {
  id: string;
  label: string;
  hint?: string | undefined;
  go: LinkProps;
}

interface Source {
  /** The word of its queries. */
  word: string;
  group: MessageId;
  may?: Action;
  icon: LucideIcon;
  find: (q: string, limit: number) => Promise<Thing[]>;
}

interface Called {
  id: string;
  name: string;
  display_name?: string;
  title?: string;
  description?: string;
}

/** Finds things that have a page under their name. */
function called(
  word: string,
  group: MessageId,
  may: Action,
  icon: LucideIcon,
  ask: (page: ReturnType<typeof asked>) => Promise<{ items: Called[] }>,
): Source {
  const to = `/manage/${word === 'identities' ? 'people' : word}/$name` as LinkProps['to'];
  const find: Source['find'] = async (q, limit) =>
    (await ask(asked(q, limit))).items.map(x => {
      const label = x.display_name || x.title || x.name;
      const go = { to, params: { name: x.name } as never };
      return { id: x.id, label, hint: label === x.name ? x.description : x.name, go };
    });
  return { word, group, may, icon, find };
}

const asked = (q: string, limit: number) => ({ params: { query: { q, limit } } });

/** `deploy@web-1` is an account; its page is that of its target. */
async function accountsOf(q: string, limit: number): Promise<Thing[]> {
  const [account = '', target = ''] = q.split('@', 2);
  if (!q.includes('@')) return [];
  const { items } = await take(api.GET('/api/v1/targets', asked(target, limit)));
  const all = await Promise.all(
    items.map(({ name }) =>
      take(api.GET('/api/v1/targets/{name}', { params: { path: { name } } })),
    ),
  );
  return all
    .flatMap(t => t.accounts.map(a => ({ id: a.id, label: `${a.name}@${t.name}`, target: t.name })))
    .filter(a => a.label.includes(account) && rank(a.label, q) !== undefined)
    .slice(0, limit)
    .map(({ id, label, target: name }) => ({
      id,
      label,
      go: { to: '/manage/targets/$name', params: { name } as never },
    }));
}

/** Things that are called something; each is asked for by the same few letters. */
const SOURCES: Source[] = [
  called('identities', 'nav-people', 'identity:read', UserRound, page =>
    take(api.GET('/api/v1/identities', page)),
  ),
  called('targets', 'nav-targets', 'target:read', Server, page =>
    take(api.GET('/api/v1/targets', page)),
  ),
  {
    word: 'targets',
    group: 'column-account',
    may: 'target:read',
    icon: UserRound,
    find: accountsOf,
  },
  called('groups', 'nav-groups', 'group:read', Users, page =>
    take(api.GET('/api/v1/groups', page)),
  ),
  called('roles', 'nav-roles', 'role:read', Boxes, page => take(api.GET('/api/v1/roles', page))),
  called('applications', 'nav-applications', 'application:read', AppWindow, page =>
    take(api.GET('/api/v1/applications', page)),
  ),
  called('secrets', 'nav-secrets', 'secret:list', KeyRound, page =>
    take(api.GET('/api/v1/secrets', page)),
  ),
  called('policies', 'nav-policies', 'policy:read', BookText, page =>
    take(api.GET('/api/v1/policies', page)),
  ),
  {
    word: 'privileged-sessions',
    group: 'nav-sessions',
    icon: SquareTerminal,
    find: async (q, limit) =>
      (await take(api.GET('/api/v1/privileged-sessions', asked(q, limit)))).items.map(x => ({
        id: x.id,
        label: x.account_name,
        hint: x.identity_name,
        go: { to: '/sessions/$id', params: { id: x.id } },
      })),
  },
];

const EACH = 5;
const FOUND = 2;

/** Groups by their best hit, and in each the best first. */
export function ordered<T extends { group: string; rank: number }>(hits: T[]): T[] {
  const best = new Map<string, number>();
  for (const { group, rank: at } of hits) {
    best.set(group, Math.min(at, best.get(group) ?? at));
  }
  const of = ({ group }: T) => best.get(group) ?? FOUND;
  const place = new Map([...best.keys()].map((group, i) => [group, i]));
  const before = (a: T, b: T) => (place.get(a.group) ?? 0) - (place.get(b.group) ?? 0);
  return [...hits].sort((a, b) => of(a) - of(b) || before(a, b) || a.rank - b.rank);
}

function useThings(wanted: string): { hits: Hit[]; busy: boolean } {
  const { t } = useWords();
  const may = useMay();
  const navigate = useNavigate();
  const q = wanted.trim();
  const on = q.length > 1;
  const found = useQueries({
    queries: SOURCES.map(s => ({
      queryKey: [s.word, 'palette', s.group, q],
      queryFn: () => s.find(q, EACH),
      enabled: on && may(s.may),
      retry: false,
    })),
  });
  const hits = SOURCES.flatMap(({ group, icon: Icon }, i) =>
    (found[i]?.data ?? []).map(x => ({
      id: x.id,
      group: t(group),
      // The server found it by more than what is shown here.
      rank: Math.min(rank(x.label, q) ?? FOUND, rank(x.hint ?? '', q) ?? FOUND),
      label: x.label,
      hint: x.hint,
      icon: <Icon />,
      go: () => navigate(x.go as never),
    })),
  );
  return { hits: on ? hits : [], busy: found.some(f => f.isFetching) };
}

export default function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const id = useId();
  const [text, setText] = useState('');
  // By its id: what is found later may come before it.
  const [active, setActive] = useState<string>();
  const list = useRef<HTMLDivElement>(null);
  const late = useDeferredValue(text);
  const places = usePlaces(late);
  const things = useThings(late);
  const deeds = useDeeds(late);
  const hits = ordered([...places, ...deeds, ...things.hits]);
  const at = Math.max(
    0,
    hits.findIndex(hit => hit.id === active),
  );

  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  });

  const go = (hit: Hit | undefined) => {
    if (!hit) return;
    onClose();
    hit.go();
  };
  const keys = (e: KeyboardEvent) => {
    const step = (by: number) => setActive(hits[(at + by + hits.length) % hits.length]?.id);
    if (e.key === 'ArrowDown') step(1);
    else if (e.key === 'ArrowUp') step(-1);
    else if (e.key === 'Enter') go(hits[at]);
    else return;
    e.preventDefault();
  };
  return (
    <Aria>
      <ModalOverlay
        isOpen
        isDismissable
        onOpenChange={open => !open && onClose()}
        className={css.overlay}
      >
        <Modal className={css.modal}>
          <Dialog className={css.dialog} aria-label={t('palette')}>
            <input
              autoFocus
              className={css.input}
              role="combobox"
              aria-expanded
              aria-controls={id}
              aria-autocomplete="list"
              aria-activedescendant={hits[at] ? `${id}-${at}` : undefined}
              aria-label={t('palette')}
              placeholder={t('palette-hint')}
              value={text}
              onChange={e => {
                setText(e.target.value);
                setActive(undefined);
              }}
              onKeyDown={keys}
            />
            <div
              ref={list}
              id={id}
              role="listbox"
              aria-label={t('palette-found')}
              className={css.list}
            >
              {hits.map((hit, i) => (
                <div key={hit.id} role="presentation">
                  {hits[i - 1]?.group !== hit.group && (
                    <p role="presentation" className={css.group}>
                      {hit.group}
                    </p>
                  )}
                  {/* biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus */}
                  {/* biome-ignore lint/a11y/useKeyWithClickEvents: the field takes the keys */}
                  <div
                    id={`${id}-${i}`}
                    role="option"
                    aria-selected={i === at}
                    className={css.hit}
                    onClick={() => go(hit)}
                    onPointerMove={() => setActive(hit.id)}
                  >
                    {hit.icon}
                    <span className={css.label}>{hit.label}</span>
                    {hit.hint && <span className={css.hint}>{hit.hint}</span>}
                  </div>
                </div>
              ))}
            </div>
            {hits.length === 0 && (
              <p className={css.none} role="status">
                {things.busy ? t('loading') : t('palette-none')}
              </p>
            )}
          </Dialog>
        </Modal>
      </ModalOverlay>
    </Aria>
  );
}
