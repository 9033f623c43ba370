import { useDemo } from '../../state/demo-store.ts';
import { openTab } from '../../state/shell-store.ts';
import './tree.css';

/** The tree of what is known. */
export function ExplorerSidebar() {
  const { targets } = useDemo((demo) => demo.state);
  return (
    <>
      <div className="sidebar-title">
        <h2>Explorer</h2>
      </div>
      <div role="tree" aria-label="Storage">
        {targets.map((target) => (
          <button
            key={target.name}
            type="button"
            role="treeitem"
            className="tree-row"
            aria-level={1}
            onClick={() => openTab('demo')}
          >
            <span className="tree-label">{target.name}</span>
          </button>
        ))}
      </div>
    </>
  );
}
