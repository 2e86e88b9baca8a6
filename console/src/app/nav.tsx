/** What there is, and for whom. */
import {
  AppWindow,
  BookText,
  Boxes,
  Cpu,
  DoorOpen,
  Gauge,
  History,
  House,
  Inbox,
  KeyRound,
  Laptop,
  type LucideIcon,
  MessageCircleQuestion,
  Network,
  ScrollText,
  Server,
  ServerCog,
  Settings,
  ShieldCheck,
  SquareTerminal,
  Ticket,
  UserRound,
  Users,
} from 'lucide-react';
import type { MessageId } from '../i18n';
import type { Action } from './may';

export type FaceName = 'portal' | 'console';

export interface Place {
  to: string;
  label: MessageId;
  icon: LucideIcon;
  /** What must be permitted; everybody when absent. */
  may?: Action;
  /** Words that find it in the palette too. */
  also?: MessageId;
}

export interface Section {
  label?: MessageId;
  places: Place[];
}

export const PORTAL: Section[] = [
  {
    places: [
      { to: '/', label: 'nav-home', icon: House },
      { to: '/request', label: 'nav-request', icon: DoorOpen },
      { to: '/requests', label: 'nav-my-access', icon: Ticket },
      { to: '/approvals', label: 'nav-approvals', icon: Inbox },
      { to: '/sessions', label: 'nav-my-sessions', icon: SquareTerminal },
    ],
  },
  {
    label: 'nav-you',
    places: [
      { to: '/security', label: 'nav-security', icon: ShieldCheck },
      { to: '/activity', label: 'nav-activity', icon: History },
    ],
  },
];

export const CONSOLE: Section[] = [
  { places: [{ to: '/manage', label: 'nav-overview', icon: Gauge, may: 'status:read' }] },
  {
    label: 'nav-directory',
    places: [
      { to: '/manage/people', label: 'nav-people', icon: UserRound, may: 'identity:read' },
      { to: '/manage/devices', label: 'nav-devices', icon: Laptop, may: 'device:read' },
      { to: '/manage/workloads', label: 'nav-workloads', icon: Cpu, may: 'identity:read' },
      { to: '/manage/groups', label: 'nav-groups', icon: Users, may: 'group:read' },
      { to: '/manage/roles', label: 'nav-roles', icon: Boxes, may: 'role:read' },
    ],
  },
  {
    label: 'nav-access',
    places: [
      { to: '/manage/targets', label: 'nav-targets', icon: Server, may: 'target:read' },
      {
        to: '/manage/applications',
        label: 'nav-applications',
        icon: AppWindow,
        may: 'application:read',
      },
      { to: '/manage/secrets', label: 'nav-secrets', icon: KeyRound, may: 'secret:list' },
      { to: '/manage/policies', label: 'nav-policies', icon: BookText, may: 'policy:read' },
    ],
  },
  {
    label: 'nav-oversight',
    places: [
      { to: '/manage/requests', label: 'nav-requests', icon: Ticket, may: 'status:read' },
      { to: '/manage/sessions', label: 'nav-sessions', icon: SquareTerminal, may: 'status:read' },
      { to: '/manage/audit', label: 'nav-audit', icon: ScrollText, may: 'audit:read' },
      { to: '/manage/map', label: 'nav-map', icon: Network, may: 'access:read' },
      { to: '/manage/why', label: 'nav-why', icon: MessageCircleQuestion, may: 'policy:read' },
    ],
  },
  {
    label: 'nav-house',
    places: [
      { to: '/manage/settings', label: 'nav-settings', icon: Settings, may: 'status:read' },
      { to: '/manage/nodes', label: 'nav-nodes', icon: ServerCog, may: 'status:read' },
    ],
  },
];

const KEPT = 'doorward.face';

/** Which face a place belongs to; a single request or session, to the last one. */
export function faceOf(path: string): FaceName {
  const place = path.replace(/^\/console(?=\/|$)/, '');
  if (/^\/(sessions|requests)\/./.test(place)) {
    return sessionStorage.getItem(KEPT) === 'console' ? 'console' : 'portal';
  }
  const face = /^\/manage(\/|$)/.test(place) ? 'console' : 'portal';
  sessionStorage.setItem(KEPT, face);
  return face;
}
