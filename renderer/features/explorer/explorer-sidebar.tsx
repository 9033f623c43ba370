import { Layers, ListTree, Plus, RefreshCw } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { IconButton } from '../../components/icon-button.tsx';
import { runCommand } from '../../state/commands.ts';
import { useDemo } from '../../state/demo-store.ts';
import { useExplorer } from '../../state/explorer-store.ts';
import { useShell } from '../../state/shell-store.ts';
import { useSystem } from '../../state/system-store.ts';
import { joinUnits } from '../../state/units.ts';
import { Tree } from './tree.tsx';
import { buildTree, flattenTree } from './tree-model.ts';

const AGE_TICK_MS = 15_000;

/** The time, refreshed now and then, for ages. */
function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), AGE_TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** The tree of what is known, and the ways to know more. */
export function ExplorerSidebar() {
  const { explorer, sessions } = useExplorer();
  const { grouping, expanded } = useShell();
  const demoPhase = useDemo((demo) => demo.state.phase);
  const system = useSystem((store) => store.state);
  const tick = useNow();
  const rows = useMemo(() => {
    const { units } = joinUnits(sessions);
    const now = Math.max(tick, ...explorer.portals.map(({ askedAt }) => askedAt ?? 0));
    return flattenTree(
      buildTree({
        portals: explorer.portals,
        sessions,
        units,
        choices: explorer.paths,
        grouping,
        demoPhase,
        system,
        now,
      }),
      expanded,
    );
  }, [explorer, sessions, grouping, expanded, demoPhase, system, tick]);
  const other = grouping === 'portal' ? 'target' : 'portal';
  return (
    <>
      <div className="sidebar-title">
        <h2>Explorer</h2>
        <span className="page-spring" />
        <IconButton label="Add portal" side="bottom" onClick={() => runCommand('portal.add')}>
          <Plus size={14} />
        </IconButton>
        <IconButton label="Discover all again" side="bottom" onClick={() => runCommand('portal.discoverAll')}>
          <RefreshCw size={13} />
        </IconButton>
        <IconButton label={`Group by ${other}`} side="bottom" onClick={() => useShell.setState({ grouping: other })}>
          {grouping === 'portal' ? <Layers size={13} /> : <ListTree size={13} />}
        </IconButton>
      </div>
      <Tree rows={rows} />
    </>
  );
}
