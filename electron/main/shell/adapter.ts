/**
 * The one file that knows how Electron 22 and Electron 45 differ; everything else uses what both have.
 */
import { clipboard, powerMonitor, protocol, safeStorage } from 'electron';
import type { SecretBox } from '../host.ts';

/** What the custom protocol answers. */
export interface Served {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

interface ModernProtocol {
  handle?: (scheme: string, handler: (request: { url: string; method: string }) => Promise<unknown>) => void;
}
/** Electron 45's runtime has Response; Electron 22's Node does not, nor do its types. */
interface ModernGlobals {
  readonly Response: new (
    body: Uint8Array,
    init: { readonly status: number; readonly headers: Readonly<Record<string, string>> },
  ) => unknown;
}
interface OldProtocol {
  registerBufferProtocol: (
    scheme: string,
    handler: (
      request: { url: string; method: string },
      callback: (response: {
        statusCode: number;
        mimeType: string;
        headers: Record<string, string>;
        data: Buffer;
      }) => void,
    ) => void,
  ) => boolean;
}

/** Serves a scheme: protocol.handle came with Electron 25, registerBufferProtocol is what 22 has. */
export function serveScheme(scheme: string, answer: (url: string, method: string) => Promise<Served>): void {
  const modern = protocol as unknown as ModernProtocol;
  if (modern.handle !== undefined) {
    const { Response } = globalThis as unknown as ModernGlobals;
    modern.handle(scheme, async ({ url, method }) => {
      const { status, headers, body } = await answer(url, method);
      return new Response(body, { status, headers });
    });
    return;
  }
  const old = protocol as unknown as OldProtocol;
  old.registerBufferProtocol(scheme, ({ url, method }, callback) => {
    void answer(url, method).then(({ status, headers, body }) => {
      const mimeType = (headers['content-type'] ?? 'text/plain').split(';')[0] ?? 'text/plain';
      callback({ statusCode: status, mimeType, headers, data: Buffer.from(body) });
    });
  });
}

interface AnyClipboard {
  writeText: (text: string) => unknown;
}

/** Writes text to the clipboard: asynchronous since Electron 44. */
export async function writeClipboardText(text: string): Promise<void> {
  await (clipboard as unknown as AnyClipboard).writeText(text);
}

interface AnySafeStorage {
  isEncryptionAvailable: () => boolean;
  encryptString: (plain: string) => Buffer;
  decryptString: (sealed: Buffer) => string;
  getSelectedStorageBackend?: () => string;
  isAsyncEncryptionAvailable?: () => Promise<boolean>;
  encryptStringAsync?: (plain: string) => Promise<Buffer>;
  decryptStringAsync?: (sealed: Buffer) => Promise<{ result: string }>;
}

/** The system's secret store; `basic_text`, which anyone can read, counts as none, and so does a Linux that cannot say. */
export const secretBox: SecretBox = {
  async available() {
    const storage = safeStorage as unknown as AnySafeStorage;
    if (process.platform === 'linux') {
      const backend = storage.getSelectedStorageBackend?.() ?? 'unknown';
      if (backend === 'basic_text' || backend === 'unknown') return false;
    }
    return storage.isAsyncEncryptionAvailable === undefined
      ? storage.isEncryptionAvailable()
      : storage.isAsyncEncryptionAvailable();
  },
  async seal(plain) {
    const storage = safeStorage as unknown as AnySafeStorage;
    return storage.encryptStringAsync === undefined ? storage.encryptString(plain) : storage.encryptStringAsync(plain);
  },
  async open(sealed) {
    const storage = safeStorage as unknown as AnySafeStorage;
    const bytes = Buffer.from(sealed);
    return storage.decryptStringAsync === undefined
      ? storage.decryptString(bytes)
      : (await storage.decryptStringAsync(bytes)).result;
  },
};

/** Tells of sleep and of waking; gives the function that ends it. */
export function watchPower(listener: (event: 'sleep' | 'wake') => void): () => void {
  const onSleep = (): void => listener('sleep');
  const onWake = (): void => listener('wake');
  powerMonitor.on('suspend', onSleep);
  powerMonitor.on('resume', onWake);
  return () => {
    powerMonitor.off('suspend', onSleep);
    powerMonitor.off('resume', onWake);
  };
}
