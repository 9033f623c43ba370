import type { TraceConnection } from './connection.ts';

/** What an export says of a connection whose packets show more or less than there was. */
export interface ConnectionRemark {
  /** The handshake is made up. */
  readonly beginUnseen: boolean;
  /** The close is made up. */
  readonly endUnseen: boolean;
  /** PDUs of it were left out. */
  readonly isPartial: boolean;
  /** Bytes of a side are missing behind its last PDU. */
  readonly lostInitiator: boolean;
  readonly lostTarget: boolean;
  /** Digests are in use, and the login that says so may be left out. */
  readonly headerDigest: boolean;
  readonly dataDigest: boolean;
}

const TEXTS: readonly (readonly [fact: keyof ConnectionRemark, text: string])[] = [
  ['beginUnseen', 'beginning not seen'],
  ['endUnseen', 'end not seen'],
  ['isPartial', 'PDUs left out'],
  ['lostInitiator', 'bytes missing after the last of the initiator'],
  ['lostTarget', 'bytes missing after the last of the target'],
  ['headerDigest', 'header digests in use'],
  ['dataDigest', 'data digests in use'],
];

/** What is to be said of a connection of which `pdus` PDUs are written. */
export function remarkOn(connection: TraceConnection, pdus: number): ConnectionRemark {
  const isPartial = connection.isPartial || pdus < connection.pdus;
  const showsLogin = connection.fromStart && connection.loggedIn && !isPartial;
  return {
    beginUnseen: !connection.fromStart,
    endUnseen: Number.isNaN(connection.closedNs),
    isPartial,
    lostInitiator: connection.lostAtEnd.initiator,
    lostTarget: connection.lostAtEnd.target,
    headerDigest: !showsLogin && connection.headerDigest === 'crc32c',
    dataDigest: !showsLogin && connection.dataDigest === 'crc32c',
  };
}

/** Takes back to a connection that is read again what its packets do not show. */
export function applyRemark(connection: TraceConnection, remark: ConnectionRemark): void {
  if (remark.beginUnseen) connection.fromStart = false;
  connection.isPartial = remark.isPartial;
  connection.lostAtEnd.initiator = remark.lostInitiator;
  connection.lostAtEnd.target = remark.lostTarget;
  if (remark.headerDigest) connection.headerDigest = 'crc32c';
  if (remark.dataDigest) connection.dataDigest = 'crc32c';
}

/** A remark on a connection as a comment of its own, or nothing where its packets tell all. */
export function formatConnectionRemark(remark: ConnectionRemark): string {
  return TEXTS.filter(([fact]) => remark[fact])
    .map(([, text]) => text)
    .join('; ');
}

/** Reads such a comment back; undefined where it is another. */
export function parseConnectionRemark(comment: string): ConnectionRemark | undefined {
  const said = comment.split('; ', TEXTS.length + 1);
  if (!said.every((text) => TEXTS.some(([, known]) => known === text))) return undefined;
  const has = (fact: keyof ConnectionRemark): boolean =>
    TEXTS.some(([key, text]) => key === fact && said.includes(text));
  return {
    beginUnseen: has('beginUnseen'),
    endUnseen: has('endUnseen'),
    isPartial: has('isPartial'),
    lostInitiator: has('lostInitiator'),
    lostTarget: has('lostTarget'),
    headerDigest: has('headerDigest'),
    dataDigest: has('dataDigest'),
  };
}
