import { Lock } from 'lucide-react';
import { Slot } from '../components/slots.tsx';
import { usePlugs } from '../state/plugs.ts';
import { useShell } from '../state/shell-store.ts';

/** The bottom line: what runs, what is selected, and that nothing is written. */
export function StatusBar() {
  const items = usePlugs((plugs) => plugs.statusItems);
  const info = useShell((shell) => shell.info);
  const side = (wanted: 'left' | 'right') =>
    items.filter((item) => item.side === wanted).map(({ id, Item }) => <Item key={id} />);
  return (
    <footer className="status" data-region="status" aria-label="Status">
      {side('left')}
      <span className="status-spring" />
      <Slot name="status" className="status-slot" />
      {side('right')}
      <span className="status-item" title="This version never writes to a LUN.">
        <Lock size={11} aria-hidden />
        Read only
      </span>
      {info?.devBuild === true ? <span className="mono">{`${info.version} devbuild`}</span> : null}
    </footer>
  );
}
