/** Goes anywhere: places, people, targets, sessions, by a few letters. */
import { useQueries } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { AppWindow, Server, UserRound, Users } from 'lucide-react';
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
import { useWords } from '../i18n';
import { useMay } from './may';
import { CONSOLE, PORTAL } from './nav';
import css from './Palette.module.css';

interface Hit {
  id: string;
  group: string;
  label: string;
  hint?: string | undefined;
  icon: ReactNode;
  go: () => void;
}

/** Whether the letters stand in the text in this order; a lower rank is better. */
export function rank(text: string, wanted: string): number | undefined {
  const [hay, needle] = [text.toLowerCase(), wanted.toLowerCase()];
  if (needle === '') return 0;
  const at = hay.indexOf(needle);
  if (at === 0) return 0;
  if (at > 0) return hay[at - 1] === ' ' ? 1 : 2;
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
    .map(({ place: { to, label, icon: Icon } }) => ({
      id: `place-${to}`,
      group: t('palette-places'),
      label: t(label),
      hint: to.startsWith('/manage') ? t('face-console') : undefined,
      icon: <Icon />,
      go: () => navigate({ to }),
    }));
}

function useThings(wanted: string): { hits: Hit[]; busy: boolean } {
  const { t } = useWords();
  const may = useMay();
  const navigate = useNavigate();
  const on = wanted.trim().length > 1;
  const query = { params: { query: { q: wanted.trim(), limit: 5 } } };
  const [people, targets, groups, applications] = useQueries({
    queries: [
      {
        queryKey: ['identities', 'palette', wanted],
        queryFn: () => take(api.GET('/api/v1/identities', query)),
        enabled: on && may('identity:read'),
      },
      {
        queryKey: ['targets', 'palette', wanted],
        queryFn: () => take(api.GET('/api/v1/targets', query)),
        enabled: on && may('target:read'),
      },
      {
        queryKey: ['groups', 'palette', wanted],
        queryFn: () => take(api.GET('/api/v1/groups', query)),
        enabled: on && may('group:read'),
      },
      {
        queryKey: ['applications', 'palette', wanted],
        queryFn: () => take(api.GET('/api/v1/applications', query)),
        enabled: on && may('application:read'),
      },
    ],
  });
  const hits: Hit[] = [
    ...(people?.data?.items ?? []).map(p => ({
      id: p.id,
      group: t('nav-people'),
      label: p.display_name || p.name,
      hint: p.name,
      icon: <UserRound />,
      go: () => navigate({ to: '/manage/people/$name', params: { name: p.name } }),
    })),
    ...(targets?.data?.items ?? []).map(x => ({
      id: x.id,
      group: t('nav-targets'),
      label: x.name,
      hint: x.description,
      icon: <Server />,
      go: () => navigate({ to: '/manage/targets/$name', params: { name: x.name } }),
    })),
    ...(groups?.data?.items ?? []).map(x => ({
      id: x.id,
      group: t('nav-groups'),
      label: x.name,
      hint: x.description,
      icon: <Users />,
      go: () => navigate({ to: '/manage/groups/$name', params: { name: x.name } }),
    })),
    ...(applications?.data?.items ?? []).map(x => ({
      id: x.id,
      group: t('nav-applications'),
      label: x.title || x.name,
      hint: x.name,
      icon: <AppWindow />,
      go: () => navigate({ to: '/manage/applications/$name', params: { name: x.name } }),
    })),
  ];
  const all = [people, targets, groups, applications];
  return { hits: on ? hits : [], busy: all.some(q => q?.isFetching) };
}

export default function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const id = useId();
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const late = useDeferredValue(text);
  const places = usePlaces(late);
  const things = useThings(late);
  const hits = [...places, ...things.hits];
  const at = Math.min(active, Math.max(0, hits.length - 1));

  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  });

  const go = (hit: Hit | undefined) => {
    if (!hit) return;
    onClose();
    hit.go();
  };
  const keys = (e: KeyboardEvent) => {
    if (e.key === 'ArrowDown') setActive((at + 1) % Math.max(1, hits.length));
    else if (e.key === 'ArrowUp') setActive((at - 1 + hits.length) % Math.max(1, hits.length));
    else if (e.key === 'Enter') go(hits[at]);
    else return;
    e.preventDefault();
  };
  return (
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
              setActive(0);
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
                  onPointerMove={() => setActive(i)}
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
  );
}
