import { Target } from 'lucide-react';
import { registerTabKind } from '../../state/plugs.ts';
import { shortName } from '../../lib/format.ts';
import { TargetScreen } from './target-screen.tsx';

/** The tab of one target over one portal. */
export function registerTarget(): void {
  registerTabKind({
    kind: 'target',
    icon: Target,
    title: (params) => shortName(params['target'] ?? 'Target'),
    Screen: TargetScreen,
    recent: true,
  });
}
