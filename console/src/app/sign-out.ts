import { api } from '../api/client';

export async function signOut(): Promise<void> {
  sessionStorage.clear();
  await api.DELETE('/api/v1/session').catch(() => undefined);
  location.assign('/signed-out');
}
