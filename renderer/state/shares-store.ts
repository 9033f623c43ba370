import { create } from 'zustand';
import type { SharedImage } from '../../electron/contract/share.ts';
import { subscribe } from '../lib/client.ts';

/** The images that are shared. */
export const useShares = create<{ readonly shares: readonly SharedImage[] }>()(() => ({ shares: [] }));

/** Follows them; gives the function that ends it. */
export function watchShares(): () => void {
  return subscribe('share.state', undefined, {
    onItems: (items) => useShares.setState({ shares: items.at(-1) ?? [] }),
    onEnd: () => undefined,
  });
}
