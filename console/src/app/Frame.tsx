/** What stands around every page. */
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import {
  ChevronsUpDown,
  FileText,
  Languages,
  LogOut,
  Menu as MenuIcon,
  Moon,
  Search,
  SunMedium,
  X,
} from 'lucide-react';
import { Suspense, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { approvals, session } from '../api/queries';
import { isOver, onEnded, signInAgain } from '../api/session';
import { chooseLanguage, LANGUAGES, type Language, useWords } from '../i18n';
import { Button, IconButton } from '../ui/Button';
import { Face, Waiting } from '../ui/bits';
import { cx } from '../ui/cx';
import { Menu } from '../ui/Menu';
import { piece, usePiece } from '../ui/piece';
import { Toasts } from '../ui/toast';
import css from './Frame.module.css';
import { house } from './house';
import { useConnection } from './live';
import { useMay } from './may';
import { CONSOLE, faceOf, PORTAL, type Section } from './nav';
import { signOut } from './sign-out';
import { chooseTheme, type Theme, useTheme } from './theme';

const PALETTE = piece<{ onClose: () => void }>(() => import('./Palette'));

function Finder(props: { onClose: () => void }) {
  const Palette = usePiece(PALETTE, props.onClose);
  return Palette ? <Palette {...props} /> : null;
}

export function Frame() {
  const { t } = useWords();
  const { pathname, href } = useLocation();
  const [menu, setMenu] = useState(false);
  const [palette, setPalette] = useState(false);
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const place = useRef(href);

  // biome-ignore lint/correctness/useExhaustiveDependencies: at every change of place
  useEffect(() => {
    setMenu(false);
    if (first.current) {
      first.current = false;
      return;
    }
    // A new page is read out from its heading.
    main.current?.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
    main.current?.scrollTo(0, 0);
  }, [pathname]);

  // Within a page, what had the focus may be gone; who closes a dialog gives it back first.
  useEffect(() => {
    if (place.current === href) return;
    place.current = href;
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => {
        if (document.activeElement !== document.body) return;
        main.current?.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
      });
    });
    return () => cancelAnimationFrame(frame);
  }, [href]);

  useEffect(() => {
    const key = (e: KeyboardEvent) => {
      if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'k') {
        e.preventDefault();
        setPalette(true);
      } else if (e.key === 'Escape') setMenu(false);
    };
    addEventListener('keydown', key);
    return () => removeEventListener('keydown', key);
  }, []);

  return (
    <div className={css.frame}>
      <a className={css.skip} href="#main">
        {t('skip')}
      </a>
      <header className={css.top}>
        <IconButton
          label={menu ? t('menu-close') : t('menu-open')}
          aria-expanded={menu}
          aria-controls="side"
          onClick={() => setMenu(!menu)}
        >
          {menu ? <X /> : <MenuIcon />}
        </IconButton>
        <Mark />
        <Broken />
        <IconButton label={t('palette')} onClick={() => setPalette(true)}>
          <Search />
        </IconButton>
      </header>
      <aside id="side" className={cx(css.side, menu && css.shown)}>
        <div className={css.sideHead}>
          <Mark />
        </div>
        <Faces />
        <button type="button" className={css.find} onClick={() => setPalette(true)}>
          <Search aria-hidden="true" />
          <span>{t('palette')}</span>
          <kbd>{navigator.platform.startsWith('Mac') ? '⌘K' : 'Ctrl K'}</kbd>
        </button>
        <Places />
        <Who />
      </aside>
      {menu && (
        <button
          type="button"
          className={css.veil}
          aria-label={t('menu-close')}
          onClick={() => setMenu(false)}
        />
      )}
      <main id="main" ref={main} className={css.main} tabIndex={-1}>
        <Over />
        <Suspense
          fallback={
            <div className={css.loading}>
              <Waiting lines={5} />
            </div>
          }
        >
          <Outlet />
        </Suspense>
      </main>
      {palette && <Finder onClose={() => setPalette(false)} />}
      <Toasts />
    </div>
  );
}

function Mark() {
  return (
    <Link to="/" className={css.mark}>
      <svg viewBox="0 0 32 32" fill="none" aria-hidden="true">
        <path
          d="M6 29V15C6 9 10.500 4 16 4s10 5 10 11v14"
          stroke="currentColor"
          strokeWidth="3"
          strokeLinecap="round"
        />
        <path d="M16 9.500 11 13v16l5-2.500z" fill="currentColor" />
        <path
          d="M16 9.500c3.200 0 5.500 2.700 5.500 6.200V29H16z"
          fill="currentColor"
          opacity=".22"
        />
        <path d="M3 29h26" stroke="currentColor" strokeWidth="3" strokeLinecap="round" />
      </svg>
      <span>{house()}</span>
    </Link>
  );
}

/** The two faces, for those who have both. */
function Faces() {
  const { t } = useWords();
  const { pathname } = useLocation();
  const may = useMay();
  const face = faceOf(pathname);
  const both = face === 'console' || CONSOLE.some(s => s.places.some(p => may(p.may)));
  if (!both) return null;
  return (
    <nav className={css.faces} aria-label={t('faces')}>
      <Link to="/" className={css.face} aria-current={face === 'portal' ? 'true' : undefined}>
        {t('face-portal')}
      </Link>
      <Link
        to="/manage"
        className={css.face}
        aria-current={face === 'console' ? 'true' : undefined}
      >
        {t('face-console')}
      </Link>
    </nav>
  );
}

function Places() {
  const { t } = useWords();
  const { pathname } = useLocation();
  const may = useMay();
  const waiting = useQuery(approvals()).data?.length ?? 0;
  const portal = faceOf(pathname) === 'portal';
  const sections: Section[] = portal ? PORTAL : CONSOLE;
  return (
    <nav className={css.places} aria-label={portal ? t('face-portal') : t('face-console')}>
      {sections.map((section, i) => {
        const places = section.places.filter(p => may(p.may));
        if (places.length === 0) return null;
        return (
          <div key={section.label ?? i} className={css.section}>
            {section.label && <p className={css.sectionName}>{t(section.label)}</p>}
            <ul>
              {places.map(({ to, label, icon: Icon }) => (
                <li key={to}>
                  <Link
                    to={to}
                    className={css.place}
                    activeOptions={{
                      exact: ['/', '/manage', '/sessions', '/requests'].includes(to),
                      includeSearch: false,
                    }}
                  >
                    <Icon aria-hidden="true" />
                    <span>{t(label)}</span>
                    {to === '/approvals' && waiting > 0 && (
                      <span className={css.badge}>
                        {waiting}
                        <span className="hide"> {t('waiting-for-you')}</span>
                      </span>
                    )}
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </nav>
  );
}

function Who() {
  const { t, lang } = useWords();
  const chosen = useTheme();
  const me = useQuery(session()).data;
  const connection = useConnection();
  const themes: [Theme, string][] = [
    ['system', t('theme-system')],
    ['light', t('theme-light')],
    ['dark', t('theme-dark')],
  ];
  return (
    <div className={css.who}>
      <p className={css.wire} data-state={connection} role="status">
        <span aria-hidden="true" />
        {t(`connection-${connection}`)}
      </p>
      <Menu
        label={t('account-menu')}
        className={css.account}
        entries={[
          ...themes.map(([id, label]) => ({
            id,
            label,
            icon: id === 'dark' ? <Moon /> : <SunMedium />,
            chosen: chosen === id,
            onAction: () => chooseTheme(id),
          })),
          ...(Object.keys(LANGUAGES) as Language[]).map((id, i) => ({
            id,
            label: LANGUAGES[id],
            icon: <Languages />,
            chosen: lang === id,
            apart: i === 0,
            onAction: () => chooseLanguage(id),
          })),
          {
            id: 'plain',
            label: t('plain-pages'),
            icon: <FileText />,
            apart: true,
            onAction: () => location.assign('/'),
          },
          { id: 'out', label: t('sign-out'), icon: <LogOut />, onAction: signOut },
        ]}
      >
        <Face name={me?.name ?? '?'} small />
        <span className={css.name}>{me?.name ?? ' '}</span>
        <span className="hide">{t('account-menu')}</span>
        <ChevronsUpDown aria-hidden="true" />
      </Menu>
    </div>
  );
}

/** Where the menu is away: only a connection that is broken is told of. */
function Broken() {
  const { t } = useWords();
  const connection = useConnection();
  if (connection !== 'broken') return null;
  return (
    <span className={css.wire} data-state={connection}>
      <span aria-hidden="true" />
      {t(`connection-${connection}`)}
    </span>
  );
}

/** The session is over; the page stays as it is until it is renewed. */
function Over() {
  const { t } = useWords();
  const over = useSyncExternalStore(onEnded, isOver);
  if (!over) return null;
  return (
    <div className={css.over} role="alert">
      <div>
        <strong>{t('over-title')}</strong> {t('over-text')}
      </div>
      <Button kind="primary" slim onClick={signInAgain}>
        {t('sign-in-again')}
      </Button>
    </div>
  );
}
