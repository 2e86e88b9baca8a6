import { expect, it, vi } from 'vitest';
import { piece } from './piece';

const Found = () => null;

it('is fetched again after it could not be, and once only when it could', async () => {
  const load = vi.fn<() => Promise<{ default: typeof Found }>>();
  load.mockRejectedValueOnce(new TypeError('Failed to fetch dynamically imported module'));
  load.mockResolvedValue({ default: Found });
  const wanted = piece(load);
  await expect(wanted.fetch()).rejects.toThrow();
  expect(wanted.found).toBeUndefined();
  await wanted.fetch();
  expect(wanted.found).toBe(Found);
  wanted.prepare();
  await wanted.fetch();
  expect(load).toHaveBeenCalledTimes(2);
});
