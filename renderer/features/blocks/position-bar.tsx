import type { KeyboardEvent } from 'react';
import { rowCount, rowStart, type Move } from '../../../core/browser.ts';
import { ScrollBar } from '../../components/scroll-bar.tsx';
import { formatBytes, formatCount } from '../../lib/format.ts';
import { useView } from './use-view.ts';
import type { BlockView } from './view-model.ts';

const KEYS: Readonly<Record<string, Move>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  PageUp: 'page-up',
  PageDown: 'page-down',
  Home: 'start',
  End: 'end',
};

/** Where on the device the view stands. */
export function PositionBar({ view, controls }: { readonly view: BlockView; readonly controls: string }) {
  const { top, visible, columns } = useView(view);
  const lba = rowStart(view.geometry, top) / BigInt(view.blockSize);
  const onKeyDown = (event: KeyboardEvent): void => {
    const key = KEYS[event.key];
    if (key === undefined) return;
    event.preventDefault();
    view.move(key, false);
  };
  return (
    <ScrollBar
      rows={rowCount(view.geometry)}
      top={top}
      visible={visible}
      onScroll={(row) => view.scrollTo(row)}
      spoken={{ label: 'Position on the device', controls, valueText: `block ${String(lba)}`, onKeyDown }}
      tell={(worth) => (
        <>
          <div>{`block ${formatCount(lba)}`}</div>
          <div className="muted">{`a pixel is ${formatBytes(worth * BigInt(columns))}; move aside for finer steps`}</div>
        </>
      )}
    />
  );
}
