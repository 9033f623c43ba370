import { readFile } from 'node:fs/promises';
import { join, normalize, sep } from 'node:path';
import { APP_HOST, APP_ORIGIN } from '../../contract/names.ts';
import type { Served } from './adapter.ts';

/** What the window may load: its own files, and nothing else from anywhere. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** Headers of everything the window is served. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=(), display-capture=()',
  'cache-control': 'no-store',
};

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  woff2: 'font/woff2',
};

const text = (status: number, body: string): Served => ({
  status,
  headers: { ...SECURITY_HEADERS, 'content-type': 'text/plain; charset=utf-8' },
  body: Buffer.from(body),
});

/** Answers app:// from one folder: GET only, one host, no path that leaves the folder. */
export function contentServer(folder: string): (url: string, method: string) => Promise<Served> {
  return async (url, method) => {
    if (method !== 'GET') return text(405, 'Only GET.');
    let path: string;
    try {
      const parsed = new URL(url);
      if (parsed.host !== APP_HOST) return text(404, 'No such host.');
      path = decodeURIComponent(parsed.pathname);
    } catch {
      return text(400, 'Not a valid address.');
    }
    if (path === '/') path = '/index.html';
    if (path.includes('\0') || path.includes('\\')) return text(400, 'Not a valid address.');
    const file = normalize(join(folder, path));
    if (!file.startsWith(folder + sep)) return text(403, 'Outside the window’s folder.');
    const type = TYPES[file.slice(file.lastIndexOf('.') + 1)];
    if (type === undefined) return text(404, 'Not found.');
    try {
      return { status: 200, headers: { ...SECURITY_HEADERS, 'content-type': type }, body: await readFile(file) };
    } catch {
      return text(404, 'Not found.');
    }
  };
}

/** Whether an address is the window's own; a prefix test would let app://lunascope.example through. */
export function isOwnUrl(text: string): boolean {
  try {
    const url = new URL(text);
    return `${url.protocol}//${url.host}` === APP_ORIGIN;
  } catch {
    return false;
  }
}
