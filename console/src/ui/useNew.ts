/** A dialog that is open because the address says so (`?new=1`). */
import { useNavigate, useSearch } from '@tanstack/react-router';

export function useNew(name = 'new'): [string | undefined, (value?: string) => void] {
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as Record<string, string | undefined>;
  const put = (value?: string) =>
    navigate({
      to: '.',
      search: ((old: object) => ({ ...old, [name]: value })) as never,
      replace: value === undefined,
    });
  return [search[name], put];
}
