import { screen, type BrowserWindow } from 'electron';
import { join } from 'node:path';
import { JsonFile } from '../services/json-file.ts';
import { placeOnDisplays, windowPlace, type WindowPlace } from '../services/window-place.ts';

const WRITE_AFTER_MS = 500;

/** The file that remembers where the window was. */
export class PlaceKeeper {
  readonly #file: JsonFile<WindowPlace | null>;
  readonly #log: (error: unknown) => void;

  private constructor(file: JsonFile<WindowPlace | null>, log: (error: unknown) => void) {
    this.#file = file;
    this.#log = log;
  }

  static async open(folder: string, log: (error: unknown) => void): Promise<PlaceKeeper> {
    return new PlaceKeeper(await JsonFile.open(join(folder, 'window.json'), windowPlace.nullable(), null), log);
  }

  /** Where to open the window, checked against the displays there are; null for the usual place. */
  get place(): WindowPlace | null {
    const areas = screen.getAllDisplays().map(({ workArea }) => workArea);
    return placeOnDisplays(this.#file.current, areas);
  }

  /** Remembers the window's place a moment after each change of it. */
  follow(window: BrowserWindow): void {
    let timer: NodeJS.Timeout | undefined;
    const later = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (!window.isDestroyed()) this.#write(window);
      }, WRITE_AFTER_MS);
    };
    window.on('resize', later);
    window.on('move', later);
    window.on('close', () => {
      clearTimeout(timer);
      this.#write(window);
    });
  }

  #write(window: BrowserWindow): void {
    const { x, y, width, height } = window.getNormalBounds();
    this.#file.replace({ x, y, width, height, maximized: window.isMaximized() }).catch(this.#log);
  }
}
