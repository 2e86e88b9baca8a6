/** What pickers look in. */
import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../../api/client';
import type { Option } from '../../ui/Picker';

const MOST = 20;

const page = (text: string) => ({
  params: { query: { q: text.trim() || undefined, limit: MOST } },
});

export const findIdentity = (text: string) =>
  queryOptions({
    queryKey: ['identities', 'find', text] as readonly unknown[],
    queryFn: async (): Promise<Option[]> => {
      const { items } = await take(api.GET('/api/v1/identities', page(text)));
      return items.map(i => ({ id: i.name, label: i.display_name || i.name, hint: i.name }));
    },
  });

export const findGroup = (text: string) =>
  queryOptions({
    queryKey: ['groups', 'find', text] as readonly unknown[],
    queryFn: async (): Promise<Option[]> => {
      const { items } = await take(api.GET('/api/v1/groups', page(text)));
      return items.map(g => ({ id: g.name, label: g.name, hint: g.description }));
    },
  });

export const findRole = (text: string) =>
  queryOptions({
    queryKey: ['roles', 'find', text] as readonly unknown[],
    queryFn: async (): Promise<Option[]> => {
      const { items } = await take(api.GET('/api/v1/roles', page(text)));
      return items.map(r => ({ id: r.name, label: r.name, hint: r.description }));
    },
  });

export const findTarget = (text: string) =>
  queryOptions({
    queryKey: ['targets', 'find-target', text] as readonly unknown[],
    queryFn: async (): Promise<Option[]> => {
      const { items } = await take(api.GET('/api/v1/targets', page(text)));
      return items.map(x => ({ id: x.name, label: x.name, hint: x.description }));
    },
  });

export const findApplication = (text: string) =>
  queryOptions({
    queryKey: ['applications', 'find', text] as readonly unknown[],
    queryFn: async (): Promise<Option[]> => {
      const { items } = await take(api.GET('/api/v1/applications', page(text)));
      return items.map(a => ({ id: a.name, label: a.title || a.name, hint: a.name }));
    },
  });

/** Accounts as `deploy@web-1`, by the target that is typed. */
export const findAccount = (text: string) =>
  queryOptions({
    queryKey: ['targets', 'find', text] as readonly unknown[],
    queryFn: async (): Promise<Option[]> => {
      const name = text.split('@').at(-1) ?? '';
      const { items } = await take(api.GET('/api/v1/targets', page(name)));
      const details = await Promise.all(
        items
          .slice(0, 8)
          .map(x =>
            take(api.GET('/api/v1/targets/{name}', { params: { path: { name: x.name } } })),
          ),
      );
      return details.flatMap(d =>
        d.accounts.map(a => ({
          id: `${a.name}@${d.name}`,
          label: `${a.name}@${d.name}`,
          hint: d.description,
        })),
      );
    },
  });
