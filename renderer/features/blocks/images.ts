import { create } from 'zustand';
import type { ImageEntry, Snapshot } from '../../../electron/contract/blocks.ts';
import { subscribe } from '../../lib/client.ts';

interface ImagesStore {
  readonly images: readonly ImageEntry[];
  readonly snapshots: readonly Snapshot[];
}

/** Images in the making and kept snapshots, as the main process tells of them. */
export const useImages = create<ImagesStore>()(() => ({ images: [], snapshots: [] }));

/** Follows both; gives the function that ends it. */
export function watchImages(): () => void {
  const images = subscribe('blocks.images', undefined, {
    onItems: (items) => {
      const last = items.at(-1);
      if (last !== undefined) useImages.setState({ images: last });
    },
    onEnd: () => undefined,
  });
  const snapshots = subscribe('blocks.snapshots', undefined, {
    onItems: (items) => {
      const last = items.at(-1);
      if (last !== undefined) useImages.setState({ snapshots: last });
    },
    onEnd: () => undefined,
  });
  return () => {
    images();
    snapshots();
  };
}
