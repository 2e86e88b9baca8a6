import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode, startTransition } from 'react';
import { createRoot } from 'react-dom/client';
import './styles/base.css';
import { Problem } from './api/problem';
import { approvals, session } from './api/queries';
import { onRenewed } from './api/session';
import { followChanges } from './app/live';
import { permissions } from './app/may';
import { makeRouter } from './app/router';
import { showTheme } from './app/theme';
import { language, loadWords, WordsProvider } from './i18n';

showTheme();

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      // A refusal stays one; a network that fails is tried again.
      retry: (count, error) =>
        count < 2 && !(error instanceof Problem && error.status > 0 && error.status < 500),
    },
  },
});

/** So long it is waited for what would else be drawn in later, in milliseconds. */
const PATIENCE = 250;

const atMost = (ms: number, done: Promise<unknown>) =>
  Promise.race([done, new Promise(later => setTimeout(later, ms))]);

/** What every page shows, and the page's own code. */
const ready = (router: ReturnType<typeof makeRouter>) =>
  Promise.allSettled([
    client.prefetchQuery(session()),
    client.prefetchQuery(permissions()),
    client.prefetchQuery(approvals()),
    router.load(),
  ]);

async function begin(): Promise<void> {
  const router = makeRouter(client);
  const [words] = await Promise.all([loadWords(language()), atMost(PATIENCE, ready(router))]);
  const root = document.getElementById('root');
  if (!root) return;
  startTransition(() =>
    createRoot(root).render(
      <StrictMode>
        <WordsProvider value={words}>
          <QueryClientProvider client={client}>
            <RouterProvider router={router} />
          </QueryClientProvider>
        </WordsProvider>
      </StrictMode>,
    ),
  );
  followChanges(client);
  onRenewed(() => client.invalidateQueries());
}

begin();
