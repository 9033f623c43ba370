import type { WindowCommand } from '../../contract/names.ts';

/** Carries commands from menus and second starts to whoever listens. */
export class WindowCommands {
  readonly #listeners = new Set<(command: WindowCommand) => void>();

  send(command: WindowCommand): void {
    for (const listener of this.#listeners) listener(command);
  }

  listen(listener: (command: WindowCommand) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
