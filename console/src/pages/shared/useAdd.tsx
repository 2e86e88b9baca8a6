/**
 * The button that adds one to a list: once in the head of its page, where it is the
 * chief one, and once more where the list is empty; for those who may.
 */
import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Action } from '../../app/may';
import { Button } from '../../ui/Button';
import { useNew } from '../../ui/useNew';
import { useDeeds } from './deeds';

export function useAdd(label: string, action: Action) {
  const may = useDeeds()(action);
  const [adding, setAdding] = useNew();
  const button = (kind: 'primary' | 'quiet'): ReactNode =>
    may && (
      <Button kind={kind} icon={<Plus />} onClick={() => setAdding('1')}>
        {label}
      </Button>
    );
  return {
    head: button('primary'),
    empty: button('quiet'),
    adding: may && adding !== undefined,
    close: () => setAdding(),
  };
}
