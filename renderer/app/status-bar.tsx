import { Lock } from 'lucide-react';
import { useDemo } from '../state/demo-store.ts';
import { useShell } from '../state/shell-store.ts';

/** The bottom line: what runs, and what it runs on. */
export function StatusBar() {
  const phase = useDemo((demo) => demo.state.phase);
  const info = useShell((shell) => shell.info);
  return (
    <footer className="status">
      <span className="status-item">
        <span className="state-dot" data-state={phase} aria-hidden />
        {`Demo SAN ${phase}`}
      </span>
      <span className="status-item">
        <Lock size={11} aria-hidden />
        Read only
      </span>
      <span className="status-spring" />
      {info === null ? null : (
        <span className="mono">
          {`${info.version}${info.devBuild ? ' devbuild' : ''}${info.electron === null ? '' : ` on Electron ${info.electron}`}`}
        </span>
      )}
    </footer>
  );
}
