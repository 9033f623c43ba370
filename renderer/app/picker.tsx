import { Dialog } from '@base-ui/react/dialog';
import { useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { flushSync } from 'react-dom';
import { create } from 'zustand';
import { backFrom } from '../lib/kept-focus.ts';
import { matchWords } from '../lib/match.ts';
import { showKey } from '../lib/keys.ts';
import { keyOfCommand, useCommandStore } from '../state/commands.ts';
import { usePlugs } from '../state/plugs.ts';
import { showTab, useShell } from '../state/shell-store.ts';
import './picker.css';

type Mode = 'commands' | 'places';

interface PickerStore {
  readonly mode: Mode | null;
  /** What had the focus before, and gets it back. */
  readonly from: HTMLElement | null;
}

/** Which picker is up: the command palette, quick open, or none. */
export const usePicker = create<PickerStore>()(() => ({ mode: null, from: null }));

/** Brings up the command palette or quick open; at once, so that the very next key is typed into it. */
export function openPicker(mode: Mode): void {
  const { activeElement } = document;
  const from = usePicker.getState().mode === null && activeElement instanceof HTMLElement ? activeElement : null;
  flushSync(() => {
    usePicker.setState(from === null ? { mode } : { mode, from });
  });
}

interface Choice {
  readonly id: string;
  readonly title: string;
  readonly detail: string;
  readonly key: string | null;
  readonly run: () => void;
}

const MOST_SHOWN = 60;

const WORDS: Readonly<Record<Mode, { readonly label: string; readonly empty: string }>> = {
  commands: { label: 'Run a command', empty: 'No command is called so.' },
  places: {
    label: 'Go to a portal, target, LUN or tab',
    empty: 'Nothing known is called so. Add a portal to know more.',
  },
};

function useChoices(mode: Mode): readonly Choice[] {
  const commands = useCommandStore((store) => store.commands);
  const { quickSources, tabKinds } = usePlugs();
  const { order, tabs } = useShell();
  return useMemo(() => {
    if (mode === 'commands') {
      return [...commands.values()]
        .filter(({ hidden, enabled }) => hidden !== true && enabled?.() !== false)
        .map((command) => ({
          id: command.id,
          title: command.title,
          detail: '',
          key: keyOfCommand(command),
          run: command.run,
        }))
        .sort((a, b) => a.title.localeCompare(b.title));
    }
    const open = [...tabs].sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
    const tabChoices = open.map((tab) => ({
      id: `tab ${tab.id}`,
      title: tabKinds.get(tab.kind)?.title(tab.params) ?? tab.kind,
      detail: 'open tab',
      key: null,
      run: () => showTab(tab.id),
    }));
    return [...tabChoices, ...quickSources.flatMap((source) => source()).map((item) => ({ ...item, key: null }))];
  }, [mode, commands, quickSources, tabKinds, order, tabs]);
}

function Picker({ mode, onDone }: { readonly mode: Mode; readonly onDone: () => void }) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const choices = useChoices(mode);
  const found = useMemo(() => matchWords(choices, text).slice(0, MOST_SHOWN), [choices, text]);
  const current = found[Math.min(at, found.length - 1)];
  const run = (choice: Choice | undefined): void => {
    if (choice === undefined) return;
    onDone();
    // The dialog first gives the focus back; the command may then take it.
    requestAnimationFrame(() => choice.run());
  };
  const move = (next: number): void => {
    const place = (next + found.length) % Math.max(1, found.length);
    setAt(place);
    list.current?.children[place]?.scrollIntoView({ block: 'nearest' });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') move(at + 1);
    else if (event.key === 'ArrowUp') move(at - 1);
    else if (event.key === 'Enter') run(current);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        className="picker-input"
        autoFocus
        role="combobox"
        aria-expanded
        aria-controls="picker-list"
        aria-autocomplete="list"
        aria-activedescendant={current === undefined ? undefined : `pick-${found.indexOf(current)}`}
        aria-label={WORDS[mode].label}
        placeholder={WORDS[mode].label}
        value={text}
        spellCheck={false}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul className="picker-list" id="picker-list" role="listbox" aria-label={WORDS[mode].label} ref={list}>
        {found.map((choice, index) => (
          <li
            key={choice.id}
            id={`pick-${index}`}
            role="option"
            aria-selected={choice === current}
            className="picker-option"
            onMouseMove={() => setAt(index)}
            onClick={() => run(choice)}
          >
            <span className="picker-title">{choice.title}</span>
            <span className="picker-detail">{choice.detail}</span>
            {choice.key === null ? null : <kbd>{showKey(choice.key)}</kbd>}
          </li>
        ))}
      </ul>
      {found.length === 0 ? <p className="picker-empty">{WORDS[mode].empty}</p> : null}
    </>
  );
}

/** The command palette and quick open. */
export function PickerDialog() {
  const mode = usePicker((picker) => picker.mode);
  const close = (): void => usePicker.setState({ mode: null });
  return (
    <Dialog.Root open={mode !== null} onOpenChange={(open) => (open ? undefined : close())}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" data-kind="light" />
        <Dialog.Popup
          className="picker"
          aria-label={mode === null ? undefined : WORDS[mode].label}
          finalFocus={() => backFrom(usePicker.getState().from)}
        >
          {mode === null ? null : <Picker mode={mode} onDone={close} />}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
