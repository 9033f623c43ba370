import { House } from 'lucide-react';
import { registerTabKind } from '../../state/plugs.ts';
import { StartScreen } from './start-screen.tsx';

/** The first tab. */
export function registerStart(): void {
  registerTabKind({ kind: 'start', icon: House, title: () => 'Start', Screen: StartScreen });
}
