import { run, say, which } from './run.mjs';

/** Whether a window can be opened without help. */
export const hasDisplay = () =>
  process.platform !== 'linux' || Boolean(process.env.DISPLAY) || Boolean(process.env.WAYLAND_DISPLAY);

/** What to put before a command that opens windows; undefined when there is no display and no xvfb-run. */
export function displayPrefix() {
  if (hasDisplay()) return [];
  // -ac: the window's user may differ from the one who starts the display, and the socket is local only.
  return which('xvfb-run') ? ['xvfb-run', '-a', '-s', '-screen 0 1920x1200x24 -ac -nolisten tcp'] : undefined;
}

/** Runs a command that opens windows, under xvfb-run where there is no display. */
export async function runWithDisplay(command, args, options) {
  const prefix = displayPrefix();
  if (prefix === undefined) {
    say('There is no display. Install xvfb (Debian and Ubuntu: apt-get install xvfb xauth) to run it without one.');
    return 1;
  }
  const [program, ...rest] = [...prefix, command, ...args];
  return run(program, rest, options);
}
