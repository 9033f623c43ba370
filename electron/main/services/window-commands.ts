/** Carries commands from menus and second starts to whoever listens. */
export class WindowCommands {
  readonly #listeners = new Set<(command: string) => void>();

  send(command: string): void {
    for (const listener of this.#listeners) listener(command);
  }

  listen(listener: (command: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
