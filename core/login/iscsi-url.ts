import { UsageError } from '../errors/index.ts';
import { ISCSI_PORT } from './target-address.ts';

/** An `iscsi://` link taken apart. Links are untrusted: they prefill, they never log in by themselves. */
export interface IscsiUrl {
  readonly host: string;
  readonly port: number;
  readonly target?: string;
  readonly lun?: number;
  readonly user?: string;
  readonly secret?: string;
  readonly targetUser?: string;
  readonly targetSecret?: string;
  readonly headerDigest?: 'crc32c' | 'none';
  /** Names in the query that mean nothing here. */
  readonly unknown?: readonly string[];
}

const LARGEST_LUN = 2 ** 40 - 1;

function refuse(sentence: string): never {
  throw new UsageError('BAD_ARGUMENT', sentence, {
    hint: 'A link looks like iscsi://[user[%secret]@]host[:port]/target-name/lun, IPv6 addresses in brackets.',
  });
}

function unescape(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse(`The ${what} of the link has a broken % escape.`);
  }
}

function parsePort(text: string): number {
  const port = /^[0-9]{1,5}$/u.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65535 ? port : refuse(`"${text}" is not a port; ports go from 1 to 65535.`);
}

/** A host with an optional port, IPv6 in brackets; shared by links and address fields. */
export function parseHostPort(text: string): { readonly host: string; readonly port: number } {
  const bracketed = /^\[([^\]]+)\](?::(.*))?$/u.exec(text);
  if (bracketed !== null) {
    const [, host = '', port] = bracketed;
    if (!/^[0-9a-fA-F:.]+(?:%[0-9A-Za-z_.~-]+)?$/u.test(host)) refuse(`"${host}" is not an IPv6 address.`);
    return { host, port: port === undefined ? ISCSI_PORT : parsePort(port) };
  }
  if ((text.match(/:/gu) ?? []).length > 1) {
    if (!/^[0-9a-fA-F:.]+$/u.test(text)) refuse(`"${text}" is not a host with a port.`);
    return { host: text, port: ISCSI_PORT };
  }
  const [host = '', port] = text.split(':');
  if (!/^[A-Za-z0-9._-]+$/u.test(host))
    refuse(host === '' ? 'The host is missing.' : `"${host}" is not a host name or address.`);
  return { host, port: port === undefined ? ISCSI_PORT : parsePort(port) };
}

function parseAuthority(authority: string): { host: string; port: number; user?: string; secret?: string } {
  const at = authority.lastIndexOf('@');
  const place = parseHostPort(authority.slice(at + 1));
  if (at < 0) return place;
  const login = authority.slice(0, at);
  const cut = login.search(/[%:]/u);
  const user = cut < 0 ? login : login.slice(0, cut);
  if (user === '') refuse('The link has an @ but no user before it.');
  return { ...place, user, ...(cut < 0 ? {} : { secret: login.slice(cut + 1) }) };
}

function parseQuery(query: string): Pick<IscsiUrl, 'targetUser' | 'targetSecret' | 'headerDigest' | 'unknown'> {
  const found: { targetUser?: string; targetSecret?: string; headerDigest?: 'crc32c' | 'none' } = {};
  const unknown: string[] = [];
  for (const part of query.split('&').filter((each) => each !== '')) {
    const [name = '', ...rest] = part.split('=');
    const value = unescape(rest.join('='), 'query');
    if (name === 'target_user') found.targetUser = value;
    else if (name === 'target_password') found.targetSecret = value;
    else if (name === 'header_digest') {
      if (value !== 'crc32c' && value !== 'none') refuse(`header_digest is crc32c or none, not "${value}".`);
      found.headerDigest = value;
    } else unknown.push(name);
  }
  return unknown.length === 0 ? found : { ...found, unknown };
}

/** Parses a link as libiscsi writes it; `iser://` is refused, since RDMA is not spoken here. */
export function parseIscsiUrl(text: string): IscsiUrl {
  if (/^iser:/iu.test(text))
    refuse('iser:// links need RDMA, which is not supported; use the iscsi:// portal of the same target.');
  const match = /^iscsi:\/\/([^/?#]*)(?:\/([^/?#]*))?(?:\/([^/?#]*))?\/?(?:\?([^#]*))?$/iu.exec(text);
  if (match === null) return refuse(`"${text.slice(0, 80)}" is not an iscsi:// link.`);
  const [, authority = '', target = '', lunText = '', query = ''] = match;
  const lun = lunText === '' ? undefined : /^(?:0|[1-9][0-9]{0,12})$/u.test(lunText) ? Number(lunText) : -1;
  if (lun !== undefined && (lun < 0 || lun > LARGEST_LUN)) refuse(`"${lunText}" is not a LUN number.`);
  return {
    ...parseAuthority(authority),
    ...(target === '' ? {} : { target: unescape(target, 'target name') }),
    ...(lun === undefined ? {} : { lun }),
    ...parseQuery(query),
  };
}

/** Writes a link without secrets. */
export function formatIscsiUrl(url: Pick<IscsiUrl, 'host' | 'port' | 'target' | 'lun' | 'user'>): string {
  const host = url.host.includes(':') ? `[${url.host}]` : url.host;
  const user = url.user === undefined ? '' : `${url.user}@`;
  const target = url.target === undefined ? '' : encodeURIComponent(url.target).replace(/%3A/gu, ':');
  return `iscsi://${user}${host}:${String(url.port)}/${target}${url.lun === undefined ? '' : `/${String(url.lun)}`}`;
}
