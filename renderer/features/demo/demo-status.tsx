import { useDemo } from '../../state/demo-store.ts';

/** Says in the status bar that the demo SAN runs; nothing while it does not. */
export function DemoStatus() {
  const phase = useDemo((demo) => demo.state.phase);
  if (phase === 'stopped') return null;
  return (
    <span className="status-item">
      <span className="state-dot" data-state={phase} aria-hidden />
      {`Demo SAN ${phase}`}
    </span>
  );
}
