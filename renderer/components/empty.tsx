import type { ReactNode } from 'react';
import { runCommand } from '../state/commands.ts';
import { Button } from './button.tsx';

interface EmptyProps {
  readonly children: ReactNode;
  readonly action?: { readonly label: string; readonly run: () => void };
  readonly demo?: boolean;
  /** In one line, for panels and sidebars. */
  readonly compact?: boolean;
}

/** What stands where nothing is yet: a sentence, the next step, and the demo SAN for those who only look. */
export function Empty({ children, action, demo = true, compact = false }: EmptyProps) {
  return (
    <div className="empty" data-compact={compact}>
      <p>{children}</p>
      {action === undefined ? null : (
        <Button primary={!compact} onClick={action.run}>
          {action.label}
        </Button>
      )}
      {demo ? (
        <button type="button" className="link" onClick={() => runCommand('demo.open')}>
          {action === undefined ? 'Explore the demo SAN' : 'Or explore the demo SAN'}
        </button>
      ) : null}
    </div>
  );
}
