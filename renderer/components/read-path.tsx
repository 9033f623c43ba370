import type { WireError } from '../../electron/contract/errors.ts';
import { formatPortal } from '../lib/format.ts';
import { placeOf } from '../state/explorer-store.ts';
import type { TabParams } from '../state/plugs.ts';
import { choosePath, isThisWay, isUp, otherWays, refusesPath, useReadPath, type ReadPath } from '../state/read-path.ts';
import type { UnitPath } from '../state/units.ts';
import { Button } from './button.tsx';
import { ErrorNotice } from './notice.tsx';
import { SignInForm, SignInFirst } from './sign-in.tsx';

/** A path as people tell it from another. */
const pathWords = ({ session, lun }: UnitPath): string =>
  `${formatPortal(session)}, session ${session.number}${lun.path === null ? '' : `, ${lun.path.state}`}${session.state === 'full' ? '' : ', lost'}`;

/** The error of a path that reads cannot take now. */
function downError({ place, session, chosen }: ReadPath, others: number): WireError {
  const through = formatPortal(place);
  const how = chosen ? 'the path chosen for this disk' : 'the path this screen was opened by';
  const message =
    session === null
      ? `Nobody is signed in through ${through}, ${how}.`
      : session.state === 'closed'
        ? `The session through ${through}, ${how}, has ended.`
        : `The session through ${through}, ${how}, is not up.`;
  const hint =
    others === 0
      ? 'Nothing is read until it is back. The disk has no other path that is up.'
      : 'Nothing is read until it is back, or until you choose another path.';
  const why = session?.error ?? null;
  return {
    name: 'PathError',
    code: why?.code ?? 'CONNECTION_LOST',
    message,
    hint: why === null ? hint : `${why.message} ${hint}`,
    retryable: true,
    details: why?.details ?? {},
    raw: why?.raw ?? null,
  };
}

/** The other ways that are up, to choose from. */
function OtherWays({ reads }: { readonly reads: ReadPath }) {
  const { unit } = reads;
  if (unit === null) return null;
  return otherWays(reads).map((path) => (
    <Button key={`${path.session.id} ${path.lun.lun}`} onClick={() => choosePath(unit, path)}>
      {`Read through ${pathWords(path)}`}
    </Button>
  ));
}

/** Offers the other ways where the unit refused to be read by this one; nothing for any other error. */
export function PathOffer({ params, error }: { readonly params: TabParams; readonly error: WireError }) {
  const reads = useReadPath(params);
  return refusesPath(error) ? <OtherWays reads={reads} /> : null;
}

/** Says that reads cannot go their way, and offers the other ways; nothing where they can. */
export function PathTrouble({ params }: { readonly params: TabParams }) {
  const reads = useReadPath(params);
  if (isUp(reads)) return null;
  const others = otherWays(reads);
  const { session } = reads;
  return (
    <ErrorNotice
      error={downError(reads, others.length)}
      about={`Reading LUN ${reads.lun} of ${reads.place.target} through ${formatPortal(reads.place)}`}
      {...(session === null ? {} : { session: session.id })}
      actions={<OtherWays reads={reads} />}
    />
  );
}

/** What a screen shows when nothing leads to its LUN: who to sign in to, and the other paths of a chosen one. */
export function NoPath({ params, what }: { readonly params: TabParams; readonly what: string }) {
  const reads = useReadPath(params);
  if (!reads.chosen && reads.paths.length === 0) return <SignInFirst place={placeOf(params)} what={what} />;
  return (
    <section className="section">
      <PathTrouble params={params} />
      <p className="mono muted wrap signin-place">{`${reads.place.target} through ${formatPortal(reads.place)}`}</p>
      <SignInForm place={reads.place} />
    </section>
  );
}

/** Which way the reads of a screen go, and the choice where there are several. */
export function ReadPathPicker({ params }: { readonly params: TabParams }) {
  const reads = useReadPath(params);
  const { unit, paths } = reads;
  if (unit === null || paths.length < 2) return null;
  const at = paths.findIndex((path) => isThisWay(reads, path));
  return (
    <label className="path-picker">
      <span>Read through</span>
      <select
        className="input"
        value={String(at)}
        onChange={(event) => {
          const path = paths[Number(event.target.value)];
          if (path !== undefined) choosePath(unit, path);
        }}
      >
        {at === -1 ? <option value="-1">{`${formatPortal(reads.place)}, not up`}</option> : null}
        {paths.map((path, index) => (
          <option
            key={`${path.session.id} ${path.lun.lun}`}
            value={String(index)}
            disabled={path.session.state !== 'full' && index !== at}
          >
            {pathWords(path)}
          </option>
        ))}
      </select>
    </label>
  );
}
