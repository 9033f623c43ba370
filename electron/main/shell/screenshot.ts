import type { BrowserWindow } from 'electron';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const settleMs = 250;
const deadlineMs = 60_000;

/** Waits for a screen to say it is ready, writes the window as a PNG and gives the exit code. */
export async function takeScreenshot(
  window: BrowserWindow,
  file: string,
  ready: Promise<string>,
  complain: (sentence: string) => void,
): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), deadlineMs);
  });
  const screen = await Promise.race([ready, late]);
  clearTimeout(timer);
  if (screen === null) {
    complain(`The first screen was not ready within ${deadlineMs / 1000} s; no picture was written.`);
    return 1;
  }
  // The compositor draws one frame after the page has settled; a capture before it is blank.
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const image = await window.webContents.capturePage();
  if (image.isEmpty()) {
    complain('The window gave an empty picture; nothing was written.');
    return 1;
  }
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, image.toPNG());
  } catch (error) {
    complain(`The picture could not be written. ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
  process.stdout.write(`The picture is in ${file}.\n`);
  return 0;
}
