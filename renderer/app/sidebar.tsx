import { FlaskConical, Target } from 'lucide-react';
import { useDemo } from '../state/demo-store.ts';
import { useShell } from '../state/shell-store.ts';
import './sidebar.css';

/** The tree of what is known; for the demo SAN, the targets its discovery found. */
export function Sidebar() {
  const { phase, targets } = useDemo((demo) => demo.state);
  const { active, show } = useShell();
  return (
    <aside className="sidebar" aria-label="Explorer">
      <div className="sidebar-title">
        <h2>Explorer</h2>
      </div>
      <div role="tree" aria-label="Storage">
        <button
          type="button"
          role="treeitem"
          className="tree-row"
          aria-level={1}
          aria-expanded={targets.length > 0}
          aria-selected={active === 'demo'}
          onClick={() => show('demo')}
        >
          <FlaskConical size={14} aria-hidden />
          <span className="tree-label">Demo SAN</span>
          <span className="state-dot" data-state={phase} aria-hidden />
          <span className="visually-hidden">{phase}</span>
        </button>
        {targets.map((target) => (
          <button
            key={target.name}
            type="button"
            role="treeitem"
            className="tree-row"
            aria-level={2}
            aria-selected={false}
            title={target.name}
            onClick={() => show('demo')}
          >
            <Target size={13} aria-hidden />
            <span className="tree-label">{target.name}</span>
          </button>
        ))}
      </div>
    </aside>
  );
}
