import { Tooltip } from '@base-ui/react/tooltip';
import { useCallback, useEffect } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import { AboutScreen } from '../features/about/about-screen.tsx';
import { DemoScreen } from '../features/demo/demo-screen.tsx';
import { SettingsScreen } from '../features/settings/settings-screen.tsx';
import { StartScreen } from '../features/start/start-screen.tsx';
import { request, subscribe } from '../lib/client.ts';
import { useDemo } from '../state/demo-store.ts';
import { useShell, type Screen } from '../state/shell-store.ts';
import { ActivityBar } from './activity-bar.tsx';
import { Sidebar } from './sidebar.tsx';
import { StatusBar } from './status-bar.tsx';
import { TITLES, TabStrip } from './tabs.tsx';

function ScreenView({ screen }: { readonly screen: Screen }) {
  const show = useShell((shell) => shell.show);
  const ready = useCallback(() => void request('app.ready', { screen }), [screen]);
  useEffect(() => {
    if (screen !== 'demo') ready();
  }, [screen, ready]);
  switch (screen) {
    case 'start':
      return <StartScreen onDemo={() => show('demo')} />;
    case 'demo':
      return <DemoScreen onSettled={ready} />;
    case 'settings':
      return <SettingsScreen />;
    case 'about':
      return <AboutScreen />;
  }
}

/** The window: areas on the left, the tree, the open screens, the status line. */
export function App() {
  const { active, info, settings, load, run } = useShell();
  const watchDemo = useDemo((demo) => demo.watch);
  useEffect(() => {
    void load();
    const commands = subscribe('app.commands', undefined, {
      onItems: (items) => items.forEach(run),
      onEnd: () => undefined,
    });
    const demo = watchDemo();
    return () => {
      commands();
      demo();
    };
  }, [load, run, watchDemo]);
  useEffect(() => {
    document.title = active === 'start' ? 'Lunascope' : `${TITLES[active]} - Lunascope`;
  }, [active]);

  if (info === null || settings === null) return null;
  return (
    <Tooltip.Provider delay={500}>
      <div className="frame">
        <ActivityBar />
        <Group className="workspace" orientation="horizontal">
          {settings.sidebarVisible ? (
            <>
              <Panel id="sidebar" defaultSize="260px" minSize="180px" maxSize="50%">
                <Sidebar />
              </Panel>
              <Separator className="splitter" aria-label="Width of the sidebar" />
            </>
          ) : null}
          <Panel id="main" minSize="320px">
            <main className="main">
              <TabStrip />
              <div className="tab-panel" id="tab-panel" role="tabpanel" aria-labelledby={`tab-${active}`} tabIndex={0}>
                <ScreenView key={active} screen={active} />
              </div>
            </main>
          </Panel>
        </Group>
        <StatusBar />
      </div>
    </Tooltip.Provider>
  );
}
