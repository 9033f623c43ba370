import { X } from 'lucide-react';
import { useEffect, type KeyboardEvent, type MouseEvent } from 'react';
import { useExplorer } from '../state/explorer-store.ts';
import { usePlugs } from '../state/plugs.ts';
import { closeTab, showTab, useShell, type Tab } from '../state/shell-store.ts';

const MIDDLE_BUTTON = 1;
const LONG = 28;
const TAIL = 10;

/** Element ids hold no spaces; tab ids do. */
export const domId = (id: string): string => id.replaceAll(/[^A-Za-z0-9_.:-]/g, '_');

function useTitle(): (tab: Tab) => string {
  const kinds = usePlugs((plugs) => plugs.tabKinds);
  // Titles name LUNs, and those are known when their session has told of them.
  useExplorer((store) => store.sessions);
  return (tab) => kinds.get(tab.kind)?.title(tab.params) ?? tab.kind;
}

/** A title; a long one is cut before its end, where the names of targets differ. */
function Title({ text }: { readonly text: string }) {
  if (text.length <= LONG) return <span className="tab-title">{text}</span>;
  return (
    <span className="tab-title tab-title-long">
      <span className="tab-title-head">{text.slice(0, -TAIL)}</span>
      <span>{text.slice(-TAIL)}</span>
    </span>
  );
}

/** The open tabs; arrow keys walk them, one of them is in the Tab order, Delete closes. */
export function TabStrip() {
  const { tabs, active } = useShell();
  const kinds = usePlugs((plugs) => plugs.tabKinds);
  const titleOf = useTitle();
  useEffect(() => {
    const reveal = (): void =>
      document
        .getElementById(`tab-${domId(active)}`)
        ?.parentElement?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    reveal();
    window.addEventListener('resize', reveal);
    return () => window.removeEventListener('resize', reveal);
  }, [active, tabs]);
  const move = (event: KeyboardEvent): void => {
    if (event.key === 'Delete') {
      event.preventDefault();
      closeTab(active);
      return;
    }
    const at = tabs.findIndex(({ id }) => id === active);
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: tabs.length - 1,
    };
    const next = tabs[steps[event.key] ?? -1];
    if (next === undefined) return;
    event.preventDefault();
    showTab(next.id);
    document.getElementById(`tab-${domId(next.id)}`)?.focus();
  };
  const closeByMiddle = (event: MouseEvent, id: string): void => {
    if (event.button === MIDDLE_BUTTON) closeTab(id);
  };
  return (
    <div className="tabs" role="tablist" aria-label="Open screens" onKeyDown={move}>
      {tabs.map((tab) => {
        const title = titleOf(tab);
        const Icon = kinds.get(tab.kind)?.icon;
        return (
          <div
            key={tab.id}
            className="tab"
            data-active={tab.id === active}
            role="presentation"
            onAuxClick={(event) => closeByMiddle(event, tab.id)}
          >
            <button
              type="button"
              role="tab"
              id={`tab-${domId(tab.id)}`}
              className="tab-button"
              title={title}
              aria-label={title}
              aria-selected={tab.id === active}
              aria-controls={`panel-${domId(tab.id)}`}
              tabIndex={tab.id === active ? 0 : -1}
              onClick={() => showTab(tab.id)}
            >
              {Icon === undefined ? null : <Icon size={13} />}
              <Title text={title} />
            </button>
            {/* A pointer's way to close; keys have Delete and Close tab, and a tablist may hold only tabs. */}
            <span className="tab-close" title={`Close ${title}`} aria-hidden onClick={() => closeTab(tab.id)}>
              <X size={13} />
            </span>
          </div>
        );
      })}
    </div>
  );
}
