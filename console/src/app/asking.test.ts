import { MutationObserver, onlineManager, QueryObserver } from '@tanstack/react-query';
import { afterEach, expect, it, vi } from 'vitest';
import { Problem } from '../api/problem';
import { makeClient } from './asking';

afterEach(() => onlineManager.setOnline(true));

it('says at once that a change cannot be sent, and sends it never', async () => {
  const client = makeClient();
  client.mount();
  onlineManager.setOnline(false);
  const send = vi.fn(() => Promise.reject(Problem.offline()));
  const change = new MutationObserver(client, { mutationFn: send });
  await expect(change.mutate()).rejects.toMatchObject({ code: 'offline' });
  expect(change.getCurrentResult().isPaused).toBe(false);
  expect(send).toHaveBeenCalledTimes(1);
  onlineManager.setOnline(true);
  await client.resumePausedMutations();
  expect(send).toHaveBeenCalledTimes(1);
  client.unmount();
});

it('reads what it could not read once the connection is back', async () => {
  const client = makeClient();
  client.mount();
  onlineManager.setOnline(false);
  const read = vi.fn<() => Promise<string>>().mockRejectedValueOnce(Problem.offline());
  read.mockResolvedValue('there');
  const query = new QueryObserver(client, { queryKey: ['x'], queryFn: read, retry: false });
  const stop = query.subscribe(() => {});
  await vi.waitFor(() => expect(query.getCurrentResult().isError).toBe(true));
  onlineManager.setOnline(true);
  await vi.waitFor(() => expect(query.getCurrentResult().data).toBe('there'));
  stop();
  client.unmount();
});
