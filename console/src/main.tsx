import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { I18nProvider } from 'react-aria-components';
import { createRoot } from 'react-dom/client';
import './styles/base.css';
import { Problem } from './api/problem';
import { onRenewed } from './api/session';
import { followChanges } from './app/live';
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

async function begin(): Promise<void> {
  const words = await loadWords(language());
  const root = document.getElementById('root');
  if (!root) return;
  const router = makeRouter(client);
  createRoot(root).render(
    <StrictMode>
      <WordsProvider value={words}>
        <I18nProvider locale={words.lang}>
          <QueryClientProvider client={client}>
            <RouterProvider router={router} />
          </QueryClientProvider>
        </I18nProvider>
      </WordsProvider>
    </StrictMode>,
  );
  followChanges(client);
  onRenewed(() => client.invalidateQueries());
}

begin();
