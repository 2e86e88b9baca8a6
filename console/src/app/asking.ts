/**
 * How the server is asked. Nothing waits for a connection: what cannot be sent fails
 * at once and says so, and is never sent later, when nobody expects it any more.
 */
import { QueryClient } from '@tanstack/react-query';
import { Problem } from '../api/problem';

export function makeClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: 'always',
        // Without it, `always` would leave a failed one as it is.
        refetchOnReconnect: true,
        staleTime: 30_000,
        refetchOnWindowFocus: false,
        // A refusal stays one; a network that fails is tried again.
        retry: (count, error) =>
          count < 2 && !(error instanceof Problem && error.status > 0 && error.status < 500),
      },
      mutations: { networkMode: 'always' },
    },
  });
}
