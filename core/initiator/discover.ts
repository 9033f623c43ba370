import { CancelledError, LunascopeError } from '../errors/index.ts';
import { parseSendTargets, type PortalAddress } from '../login/index.ts';
import { Session } from './session.ts';
import { sessionOptions, type CommonOptions, type Portal } from './options.ts';

/** A target a portal told of. */
export interface DiscoveredTarget {
  readonly name: string;
  readonly portals: readonly PortalAddress[];
}

/** What a portal answered, with what was odd about it. */
export interface Discovery {
  readonly targets: readonly DiscoveredTarget[];
  readonly warnings: readonly string[];
}

/** Asks a portal for its targets (SendTargets=All, RFC 7143 Appendix C); none at all is an answer, not an error. */
export async function discover(portal: Portal, options: CommonOptions = {}): Promise<readonly DiscoveredTarget[]> {
  return (await discoverWithWarnings(portal, options)).targets;
}

/** The same, with what was odd about the answer. */
export async function discoverWithWarnings(portal: Portal, options: CommonOptions = {}): Promise<Discovery> {
  const asked = sessionOptions(portal, options, 'Discovery');
  const session = await Session.open(asked, options, 8);
  const { signal } = options;
  const onAbort = (): void => {
    session.destroy(new CancelledError('CANCELLED', 'The discovery was called off.', { cause: signal?.reason }));
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const pairs = await session.text([{ key: 'SendTargets', value: 'All' }]);
    const { targets, warnings } = parseSendTargets(pairs, asked.portal);
    return { targets, warnings };
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await session.logout().catch(() => undefined);
  }
}

/** What one of several portals answered. */
export type PortalOutcome =
  | {
      readonly portal: Portal;
      readonly ok: true;
      readonly targets: readonly DiscoveredTarget[];
      readonly warnings: readonly string[];
    }
  | { readonly portal: Portal; readonly ok: false; readonly error: LunascopeError };

/** Asks many portals side by side; each has its own outcome, and a dead one delays no other. */
export function discoverAll(
  portals: readonly Portal[],
  options: CommonOptions = {},
  onOutcome: (outcome: PortalOutcome) => void = () => undefined,
): Promise<PortalOutcome[]> {
  return Promise.all(
    portals.map(async (portal) => {
      const outcome = await discoverWithWarnings(portal, options).then(
        (found): PortalOutcome => ({ portal, ok: true, ...found }),
        (error: unknown): PortalOutcome => {
          if (error instanceof LunascopeError) return { portal, ok: false, error };
          throw error;
        },
      );
      onOutcome(outcome);
      return outcome;
    }),
  );
}
