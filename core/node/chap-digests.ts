import { createHash } from 'node:crypto';
import { sha3_256 } from '@noble/hashes/sha3.js';
import { md5 } from '@noble/hashes/legacy.js';
import type { ChapDigest } from '../login/index.ts';

/** Hashes for CHAP: the platform's for SHA, a plain one for SHA3-256 and MD5, which FIPS builds and BoringSSL leave out. */
export const chapDigest: ChapDigest = (algorithm, bytes) => {
  switch (algorithm) {
    case 5:
      return md5(bytes);
    case 6:
      return new Uint8Array(createHash('sha1').update(bytes).digest());
    case 7:
      return new Uint8Array(createHash('sha256').update(bytes).digest());
    case 8:
      return sha3_256(bytes);
  }
};
