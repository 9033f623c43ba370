import { resolve } from 'node:path';

/** What the command line asked for. */
export interface Arguments {
  readonly demo: boolean;
  /** Where to write a picture of the first screen; the program ends after it. */
  readonly screenshot: string | null;
  /** The window's size for that picture. */
  readonly size: { readonly width: number; readonly height: number } | null;
  readonly theme: 'dark' | 'light' | null;
}

const value = (args: readonly string[], name: string): string | null => {
  const joined = args.find((arg) => arg.startsWith(`${name}=`));
  if (joined !== undefined) return joined.slice(name.length + 1);
  const index = args.indexOf(name);
  const next = index === -1 ? undefined : args[index + 1];
  return next === undefined || next.startsWith('--') ? null : next;
};

/** Reads the program's own switches; Chromium's are left to Chromium. Relative files lie in `folder`. */
export function parseArguments(args: readonly string[], folder: string): Arguments {
  const screenshot = value(args, '--screenshot');
  const size = /^(\d{3,4})x(\d{3,4})$/.exec(value(args, '--size') ?? '');
  const theme = value(args, '--theme');
  return {
    demo: args.includes('--demo'),
    screenshot: screenshot === null ? null : resolve(folder, screenshot),
    size: size === null ? null : { width: Number(size[1]), height: Number(size[2]) },
    theme: theme === 'dark' || theme === 'light' ? theme : null,
  };
}
