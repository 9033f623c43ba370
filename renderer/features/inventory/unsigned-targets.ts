import type { PortalEntry } from '../../../electron/contract/explorer.ts';
import { formatPortal } from '../../lib/format.ts';

/** A target nobody is signed in to, and where it was found. */
export interface UnsignedTarget {
  readonly name: string;
  /** The first portal that told of it. */
  readonly portal: PortalEntry;
  readonly through: string[];
}

/** The targets that nobody is signed in to, each once however many portals tell of it. */
export function unsignedTargets(
  portals: readonly PortalEntry[],
  signedIn: ReadonlySet<string>,
): readonly UnsignedTarget[] {
  const byName = new Map<string, UnsignedTarget>();
  for (const portal of portals) {
    for (const { name } of portal.targets) {
      if (signedIn.has(name)) continue;
      const known = byName.get(name);
      if (known === undefined) byName.set(name, { name, portal, through: [formatPortal(portal)] });
      else known.through.push(formatPortal(portal));
    }
  }
  return [...byName.values()];
}
