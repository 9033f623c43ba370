import { join } from 'node:path';
import { z } from 'zod';
import type { SecretBox } from '../host.ts';
import { JsonFile } from './json-file.ts';

const schema = z.record(z.string(), z.string());

/** Whose secret it is: a host, a port, a target or discovery, a name, a side. Change any of them and it is another. */
export interface SecretPlace {
  readonly host: string;
  readonly port: number;
  /** Empty for discovery. */
  readonly target: string;
  readonly user: string;
  /** Who proves itself with it: this end by CHAP, the target by CHAP, or this end by its certificate. */
  readonly side: 'initiator' | 'target' | 'tls';
}

const keyOf = ({ host, port, target, user, side }: SecretPlace): string =>
  JSON.stringify([host, port, target, user, side]);

/** Keeps secrets: sealed by the system where it can, else in memory for this run. They never leave the main process. */
export class SecretKeeper {
  readonly #box: SecretBox;
  readonly #file: JsonFile<Record<string, string>>;
  readonly #run = new Map<string, string>();
  /** Whether the system has a store. */
  readonly available: boolean;

  private constructor(box: SecretBox, file: JsonFile<Record<string, string>>, available: boolean) {
    this.#box = box;
    this.#file = file;
    this.available = available;
  }

  static async open(folder: string, box: SecretBox): Promise<SecretKeeper> {
    const file = await JsonFile.open(join(folder, 'secrets.json'), schema, {});
    const available = await box.available().catch(() => false);
    return new SecretKeeper(box, file, available);
  }

  /** Keeps a secret; says where it went. */
  async put(place: SecretPlace, secret: string, keep: boolean): Promise<'store' | 'run'> {
    const key = keyOf(place);
    this.#run.set(key, secret);
    if (!keep || !this.available) return 'run';
    const sealed = Buffer.from(await this.#box.seal(secret)).toString('base64');
    await this.#file.replace({ ...this.#file.current, [key]: sealed });
    return 'store';
  }

  /** The secret of exactly this place, or null. */
  async get(place: SecretPlace): Promise<string | null> {
    const key = keyOf(place);
    const inMemory = this.#run.get(key);
    if (inMemory !== undefined) return inMemory;
    const sealed = this.#file.current[key];
    if (sealed === undefined || !this.available) return null;
    return this.#box.open(Buffer.from(sealed, 'base64')).catch(() => null);
  }

  /** Where the secret of a place is kept. */
  where(place: SecretPlace): 'store' | 'run' | 'none' {
    const key = keyOf(place);
    if (this.#file.current[key] !== undefined && this.available) return 'store';
    return this.#run.has(key) ? 'run' : 'none';
  }

  async forget(host: string, port: number, target: string): Promise<void> {
    const belongs = (key: string): boolean => {
      const [h, p, t] = JSON.parse(key) as unknown[];
      return h === host && p === port && t === target;
    };
    for (const key of [...this.#run.keys()]) if (belongs(key)) this.#run.delete(key);
    const kept = Object.entries(this.#file.current).filter(([key]) => !belongs(key));
    await this.#file.replace(Object.fromEntries(kept));
  }
}
