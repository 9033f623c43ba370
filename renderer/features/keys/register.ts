import { Keyboard } from 'lucide-react';
import { registerTabKind } from '../../state/plugs.ts';
import { KeysScreen } from './keys-screen.tsx';

/** The tab that lists every command with its key. */
export function registerKeys(): void {
  registerTabKind({ kind: 'keys', icon: Keyboard, title: () => 'Keys', Screen: KeysScreen });
}
