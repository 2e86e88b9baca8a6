import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode, startTransition } from 'react';
import { createRoot } from 'react-dom/client';
import './styles/base.css';
import { approvals, session } from './api/queries';
import { onRenewed } from './api/session';
import { makeClient } from './app/asking';
import { dropBroken } from './app/lazy';
import { followChanges } from './app/live';
import { permissions } from './app/may';
import { makeRouter } from './app/router';
import { showTheme } from './app/theme';
import { language, loadWords, WordsProvider } from './i18n';

showTheme();
dropBroken();

const client = makeClient();

/** So long it is waited for what would else be drawn in later, in milliseconds. */
const PATIENCE = 250;

const pause = (ms: number) => new Promise<void>(later => setTimeout(later, ms));

async function begin(): Promise<void> {
  // First what takes its time elsewhere; then, one piece at a time, what takes it here.
  const words = loadWords(language());
  const asked = [
    client.prefetchQuery(session()),
    client.prefetchQuery(permissions()),
    client.prefetchQuery(approvals()),
  ];
  await pause(0);
  const router = makeRouter(client);
  await pause(0);
  const drawable = Promise.allSettled([...asked, router.load()]);
  await Promise.race([drawable, pause(PATIENCE)]);
  const said = await words;
  await pause(0);
  const root = document.getElementById('root');
  if (!root) return;
  startTransition(() =>
    createRoot(root).render(
      <StrictMode>
        <WordsProvider value={said}>
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
