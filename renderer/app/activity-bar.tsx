import { IconButton } from '../components/icon-button.tsx';
import { usePlugs, type Area } from '../state/plugs.ts';
import { openTab, togglePart, useShell } from '../state/shell-store.ts';

const BOTTOM = 100;

function choose({ id, Sidebar, tab }: Area): void {
  const { area, visible } = useShell.getState();
  if (tab !== undefined) openTab(tab.kind, tab.params);
  if (Sidebar === undefined) return;
  const isShown = area === id && visible.sidebar;
  useShell.setState({ area: id });
  togglePart('sidebar', tab !== undefined || !isShown);
}

/** The areas of the program, one icon each. */
export function ActivityBar() {
  const areas = usePlugs((plugs) => plugs.areas);
  const { area, visible, tabs, active } = useShell();
  const front = tabs.find(({ id }) => id === active)?.kind;
  const isPressed = (one: Area): boolean =>
    one.Sidebar === undefined ? one.tab?.kind === front : visible.sidebar && area === one.id;
  const button = (one: Area) => (
    <IconButton
      key={one.id}
      label={one.label}
      size="large"
      side="right"
      pressed={isPressed(one)}
      onClick={() => choose(one)}
    >
      <one.icon size={19} />
    </IconButton>
  );
  return (
    <nav className="activity" aria-label="Areas" data-region="activity">
      {areas.filter(({ order }) => order < BOTTOM).map(button)}
      <span className="activity-spring" />
      {areas.filter(({ order }) => order >= BOTTOM).map(button)}
    </nav>
  );
}
