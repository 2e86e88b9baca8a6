import { expect, it, vi } from 'vitest';
import { Problem } from '../api/problem';
import { fetchAnew, lazyPage } from './lazy';

const Found = () => null;
const offline = () => Promise.resolve(Problem.offline());

it('keeps to the page that cannot be fetched, and fetches it again only when asked to', async () => {
  const load = vi.fn<() => Promise<{ default: typeof Found }>>();
  load.mockRejectedValueOnce(new TypeError('Failed to fetch dynamically imported module'));
  load.mockResolvedValue({ default: Found });
  const page = lazyPage(load, offline);
  // What is fetched beforehand does not break where nobody went.
  await page.preload();
  expect(() => page()).toThrow(expect.objectContaining({ code: 'offline' }));
  expect(() => page()).toThrow();
  expect(load).toHaveBeenCalledTimes(1);
  fetchAnew();
  await page.preload();
  expect(load).toHaveBeenCalledTimes(2);
  expect(page().type).toBe(Found);
  fetchAnew();
  await page.preload();
  expect(load).toHaveBeenCalledTimes(2);
});
