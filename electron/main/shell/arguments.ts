import { resolve } from 'node:path';

/** What the command line asked for. */
export interface Arguments {
  readonly demo: boolean;
  /** Where to write a picture of the first screen; the program ends after it. */
  readonly screenshot: string | null;
  /** The window's size for that picture. */
  readonly size: { readonly width: number; readonly height: number } | null;
  readonly theme: 'dark' | 'light' | null;
  /** What is wrong with it, in a sentence; the program does not start then. */
  readonly problem: string | null;
}

const SIZE = /^(\d{3,4})x(\d{3,4})$/;

const value = (args: readonly string[], name: string): string | null => {
  const joined = args.find((arg) => arg.startsWith(`${name}=`));
  if (joined !== undefined) return joined.slice(name.length + 1);
  const index = args.indexOf(name);
  const next = index === -1 ? undefined : args[index + 1];
  return next === undefined || next.startsWith('--') ? null : next;
};

const isGiven = (args: readonly string[], name: string): boolean =>
  args.some((arg) => arg === name || arg.startsWith(`${name}=`));

/** What each switch takes, and whether it was given that. */
const TAKES: readonly (readonly [name: string, takes: string, isRight: (text: string) => boolean])[] = [
  ['--screenshot', 'the name of a file', (text) => text !== ''],
  ['--size', 'a width and a height, such as 1280x800', (text) => SIZE.test(text)],
  ['--theme', 'dark or light', (text) => text === 'dark' || text === 'light'],
];

function problemOf(args: readonly string[]): string | null {
  for (const [name, takes, isRight] of TAKES) {
    const text = value(args, name) ?? '';
    if (isGiven(args, name) && !isRight(text)) return `${name} takes ${takes}, not "${text}".`;
  }
  return null;
}

/** Reads the program's own switches; Chromium's are left to Chromium. Relative files lie in `folder`. */
export function parseArguments(args: readonly string[], folder: string): Arguments {
  const screenshot = value(args, '--screenshot');
  const size = SIZE.exec(value(args, '--size') ?? '');
  const theme = value(args, '--theme');
  return {
    demo: args.includes('--demo'),
    screenshot: screenshot === null ? null : resolve(folder, screenshot),
    size: size === null ? null : { width: Number(size[1]), height: Number(size[2]) },
    theme: theme === 'dark' || theme === 'light' ? theme : null,
    problem: problemOf(args),
  };
}
