import { AuthError } from '../../../core/errors/index.ts';
import type { ChapOptions, TlsOptions } from '../../../core/initiator/index.ts';
import type { ChapInput, TlsChoice } from '../../contract/explorer.ts';
import type { SecretKeeper, SecretPlace } from './secret-keeper.ts';

/** Where a sign-in goes; an empty target stands for discovery. */
export interface SignInPlace {
  readonly host: string;
  readonly port: number;
  readonly target: string;
}

const NO_SECRET = 'There is no secret kept for this name at this portal and target.';
const TYPE_IT = 'Type the secret. A secret is kept for one host, port, target and name, and used for no other.';

async function secretFor(keeper: SecretKeeper, place: SecretPlace, given: string | null): Promise<string> {
  const secret = given ?? (await keeper.get(place));
  if (secret === null) {
    throw new AuthError('AUTH_CONFIG', NO_SECRET, { hint: TYPE_IT, details: { side: place.side, user: place.user } });
  }
  return secret;
}

/** What a person typed, completed by what is kept for this very place. */
export async function chapOptions(
  keeper: SecretKeeper,
  place: SignInPlace,
  chap: ChapInput | null,
): Promise<ChapOptions | undefined> {
  if (chap === null) return undefined;
  const secret = await secretFor(keeper, { ...place, user: chap.user, side: 'initiator' }, chap.secret);
  if (chap.mutual === null) return { user: chap.user, secret };
  const { user, secret: typed } = chap.mutual;
  const targetSecret = await secretFor(keeper, { ...place, user, side: 'target' }, typed);
  return { user: chap.user, secret, mutual: { ...(user === '' ? {} : { user }), secret: targetSecret } };
}

const keyPlace = (place: SignInPlace): SecretPlace => ({ ...place, user: '', side: 'tls' });

/** How a place is reached inside TLS, with the key kept for this very place where none was typed; undefined over bare TCP. */
export async function tlsOptions(
  keeper: SecretKeeper,
  place: SignInPlace,
  { tls, tlsServername = '', tlsCa = '', tlsCert = '' }: TlsChoice,
  typed: string | null,
): Promise<TlsOptions | undefined> {
  if (tls === undefined) return undefined;
  const key = tlsCert === '' ? null : (typed ?? (await keeper.get(keyPlace(place))));
  return {
    rejectUnauthorized: tls === 'verify',
    ...(tlsServername === '' ? {} : { servername: tlsServername }),
    ...(tlsCa === '' ? {} : { ca: tlsCa }),
    ...(tlsCert === '' ? {} : { cert: tlsCert }),
    ...(key === null ? {} : { key }),
  };
}

/** Keeps the key of a certificate that was let in. */
export async function keepTlsKey(
  keeper: SecretKeeper,
  place: SignInPlace,
  key: string | null,
  keep: boolean,
): Promise<void> {
  if (key !== null) await keeper.put(keyPlace(place), key, keep);
}

/** Keeps the secrets of a sign-in that worked. */
export async function keepSecrets(
  keeper: SecretKeeper,
  place: SignInPlace,
  chap: ChapInput | null,
  keep: boolean,
): Promise<void> {
  if (chap === null) return;
  if (chap.secret !== null) await keeper.put({ ...place, user: chap.user, side: 'initiator' }, chap.secret, keep);
  if (chap.mutual !== null && chap.mutual.secret !== null) {
    await keeper.put({ ...place, user: chap.mutual.user, side: 'target' }, chap.mutual.secret, keep);
  }
}
