const isMac = navigator.platform.startsWith('Mac');

const SYMBOLS: Readonly<Record<string, string>> = {
  Mod: isMac ? '⌘' : 'Ctrl',
  Ctrl: isMac ? '⌃' : 'Ctrl',
  Shift: isMac ? '⇧' : 'Shift',
  Alt: isMac ? '⌥' : 'Alt',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
};

interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** The key of an event as commands write theirs: `Mod+Shift+P`, `F6`, `?`; null while only modifiers are down. */
export function keyOf(event: Pressed): string | null {
  const { key } = event;
  if (['Control', 'Shift', 'Alt', 'Meta', 'Dead', 'Process'].includes(key)) return null;
  const mod = isMac ? event.metaKey : event.ctrlKey;
  const ctrl = isMac && event.ctrlKey;
  const name = key.length === 1 ? key.toUpperCase() : key;
  // A sign that Shift makes, such as ?, already says that Shift was down.
  const shift = event.shiftKey && (key.length > 1 || /[a-z0-9]/i.test(key));
  return [
    mod ? 'Mod' : '',
    ctrl ? 'Ctrl' : '',
    event.altKey ? 'Alt' : '',
    shift ? 'Shift' : '',
    name === ' ' ? 'Space' : name,
  ]
    .filter((part) => part !== '')
    .join('+');
}

/** A key in one order of modifiers, so that `Shift+Mod+p` and `Mod+Shift+P` are one. */
export function normalKey(key: string): string {
  const parts = key.split('+').filter((part) => part !== '');
  const last = key.endsWith('+') ? '+' : (parts.pop() ?? '');
  const order = ['Mod', 'Ctrl', 'Alt', 'Shift'].filter((name) => parts.includes(name));
  return [...order, last.length === 1 ? last.toUpperCase() : last].join('+');
}

/** A key as people read it on this system. */
export function showKey(key: string): string {
  const parts = key.endsWith('+') ? [...key.slice(0, -2).split('+'), '+'] : key.split('+');
  return parts.map((part) => SYMBOLS[part] ?? part).join(isMac ? '' : '+');
}

/** Whether a key typed into `element` is text there, and no command. */
export function isTyping(element: EventTarget | null, key: string): boolean {
  if (!(element instanceof HTMLElement)) return false;
  const takesText = element.matches(
    'input:not([type=checkbox],[type=radio],[type=range]), textarea, [contenteditable]',
  );
  return takesText && !key.startsWith('Mod+') && !key.startsWith('Alt+') && !/^(Shift\+)?F\d+$/.test(key);
}
