/** The places, and which code each needs. */
import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, createRouter } from '@tanstack/react-router';
import { parseList } from '../list/state';
import { Frame } from './Frame';
import { lazyPage } from './lazy';
import { Missing, Trouble } from './Trouble';

const root = createRootRouteWithContext<{ client: QueryClient }>()({
  component: Frame,
  notFoundComponent: Missing,
  errorComponent: Trouble,
});

const at = <P extends string>(path: P, load: () => Promise<{ default: React.ComponentType }>) =>
  createRoute({
    getParentRoute: () => root,
    path,
    validateSearch: parseList,
    component: lazyPage(load),
    errorComponent: Trouble,
  });

const back = createRoute({
  getParentRoute: () => root,
  path: '/back',
  component: lazyPage(() => import('../pages/portal/Back')),
  errorComponent: Trouble,
});

const tree = root.addChildren([
  back,
  at('/', () => import('../pages/portal/Home')),
  at('/request', () => import('../pages/portal/RequestAccess')),
  at('/requests', () => import('../pages/portal/MyAccess')),
  at('/requests/$id', () => import('../pages/portal/OneRequest')),
  at('/approvals', () => import('../pages/portal/Approvals')),
  at('/sessions', () => import('../pages/portal/MySessions')),
  at('/sessions/$id', () => import('../pages/room/Room')),
  at('/security', () => import('../pages/portal/Security')),
  at('/activity', () => import('../pages/portal/Activity')),
  at('/manage', () => import('../pages/manage/Overview')),
  at('/manage/people', () => import('../pages/manage/People')),
  at('/manage/people/$name', () => import('../pages/manage/Person')),
  at('/manage/devices', () => import('../pages/manage/Devices')),
  at('/manage/workloads', () => import('../pages/manage/Workloads')),
  at('/manage/groups', () => import('../pages/manage/Groups')),
  at('/manage/groups/$name', () => import('../pages/manage/Group')),
  at('/manage/roles', () => import('../pages/manage/Roles')),
  at('/manage/roles/$name', () => import('../pages/manage/Role')),
  at('/manage/targets', () => import('../pages/manage/Targets')),
  at('/manage/targets/$name', () => import('../pages/manage/Target')),
  at('/manage/applications', () => import('../pages/manage/Applications')),
  at('/manage/applications/$name', () => import('../pages/manage/Application')),
  at('/manage/applications/$name/test', () => import('../pages/manage/SignInTest')),
  at('/manage/secrets', () => import('../pages/manage/Secrets')),
  at('/manage/secrets/$name', () => import('../pages/manage/Secret')),
  at('/manage/policies', () => import('../pages/manage/Policies')),
  at('/manage/policies/$name', () => import('../pages/manage/Policy')),
  at('/manage/requests', () => import('../pages/manage/Requests')),
  at('/manage/sessions', () => import('../pages/manage/Sessions')),
  at('/manage/audit', () => import('../pages/manage/Audit')),
  at('/manage/why', () => import('../pages/manage/Why')),
  at('/manage/map', () => import('../pages/manage/AccessMap')),
  at('/manage/settings', () => import('../pages/manage/Settings')),
  at('/manage/nodes', () => import('../pages/manage/Nodes')),
]);

/** Search parameters as plain text: an address that a person can read and write. */
export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const pairs = Object.entries(search).flatMap(([k, v]) =>
    v === undefined || v === null || v === '' ? [] : [[k, String(v)]],
  );
  const text = new URLSearchParams(pairs).toString();
  return text === '' ? '' : `?${text}`;
}

export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    basepath: '/console',
    context: { client },
    defaultPreload: 'intent',
    defaultPendingMs: 150,
    parseSearch,
    stringifySearch,
    scrollRestoration: false,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
