import { Info } from 'lucide-react';
import { registerTabKind } from '../../state/plugs.ts';
import { AboutScreen } from './about-screen.tsx';

/** The tab that says what is running. */
export function registerAbout(): void {
  registerTabKind({ kind: 'about', icon: Info, title: () => 'About', Screen: AboutScreen });
}
