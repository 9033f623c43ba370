import { FlaskConical, FolderTree, Info, Settings } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from '../components/icon-button.tsx';
import { useShell, type Screen } from '../state/shell-store.ts';

const AREAS: readonly { readonly screen: Screen; readonly label: string; readonly icon: ReactNode }[] = [
  { screen: 'start', label: 'Explorer', icon: <FolderTree size={19} /> },
  { screen: 'demo', label: 'Demo SAN', icon: <FlaskConical size={19} /> },
];

/** The areas of the program, one icon each. */
export function ActivityBar() {
  const { active, show } = useShell();
  const button = (screen: Screen, label: string, icon: ReactNode) => (
    <IconButton
      key={screen}
      label={label}
      size="large"
      side="right"
      pressed={active === screen}
      onClick={() => show(screen)}
    >
      {icon}
    </IconButton>
  );
  return (
    <nav className="activity" aria-label="Areas">
      {AREAS.map(({ screen, label, icon }) => button(screen, label, icon))}
      <span className="activity-spring" />
      {button('about', 'About', <Info size={19} />)}
      {button('settings', 'Settings', <Settings size={19} />)}
    </nav>
  );
}
