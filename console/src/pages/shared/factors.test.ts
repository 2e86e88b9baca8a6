import { expect, it } from 'vitest';
import { ownLabel } from './factors';

it('is no name of its own, what the server calls it by its kind', () => {
  expect(ownLabel({ factor: 'password', label: 'Password' })).toBe('');
  expect(ownLabel({ factor: 'passkey', label: 'Passkey' })).toBe('');
  expect(ownLabel({ factor: 'passkey', label: 'Blue key' })).toBe('Blue key');
  expect(ownLabel({ factor: 'ssh-key', label: 'Password' })).toBe('Password');
});
