import { useState } from 'react';
import { ErrorBoundary } from '../components/error-boundary.tsx';
import { TabContext } from '../components/tab-context.ts';
import { usePlugs } from '../state/plugs.ts';
import { useShell, type Tab } from '../state/shell-store.ts';
import { domId } from './tabs.tsx';

function TabPanel({ tab, active }: { readonly tab: Tab; readonly active: boolean }) {
  const kind = usePlugs((plugs) => plugs.tabKinds.get(tab.kind));
  if (kind === undefined) return null;
  return (
    <div
      className="tab-panel"
      id={`panel-${domId(tab.id)}`}
      role="tabpanel"
      aria-labelledby={`tab-${domId(tab.id)}`}
      hidden={!active}
      tabIndex={0}
    >
      <TabContext.Provider value={{ id: tab.id, active }}>
        <ErrorBoundary>
          <kind.Screen id={tab.id} params={tab.params} active={active} />
        </ErrorBoundary>
      </TabContext.Provider>
    </div>
  );
}

/** The screens of the open tabs; one that was seen stays as it was left, behind the others. */
export function TabPanels() {
  const { tabs, active } = useShell();
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  if (!seen.has(active)) setSeen(new Set([...seen, active]));
  return tabs
    .filter(({ id }) => id === active || seen.has(id))
    .map((tab) => <TabPanel key={tab.id} tab={tab} active={tab.id === active} />);
}
