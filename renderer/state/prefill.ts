import { create } from 'zustand';
import type { TargetPlace } from './explorer-store.ts';

/** What a link said about a sign-in; it waits in the form until the person signs in. */
export interface Prefill {
  /** Tells one link from the one before, so that a form that is open takes the new one. */
  readonly at: number;
  readonly user: string | null;
  /** Typed or pasted in this window; a secret that the system handed over stays in the main process. */
  readonly secret: string;
  readonly hasSecret: boolean;
  readonly mutual: boolean;
  readonly targetUser: string;
  readonly targetSecret: string;
  readonly headerDigest: string | null;
  readonly lun: number | null;
}

interface Link {
  readonly host: string;
  readonly port: number;
  readonly target?: string | undefined;
  readonly lun?: number | undefined;
  readonly user?: string | undefined;
  readonly secret?: string | undefined;
  readonly targetUser?: string | undefined;
  readonly targetSecret?: string | undefined;
  readonly headerDigest?: string | undefined;
}

const keyOf = ({ host, port, target }: TargetPlace): string => `${host} ${port} ${target}`;

const usePrefills = create<{ readonly byPlace: ReadonlyMap<string, Prefill> }>()(() => ({ byPlace: new Map() }));

let links = 0;

/** Fills the sign-in form of a place in, once; nothing is sent. A place without a target is a discovery. */
export function putPrefill(place: TargetPlace, prefill: Omit<Prefill, 'at'>): void {
  links += 1;
  const numbered = { ...prefill, at: links };
  usePrefills.setState(({ byPlace }) => ({ byPlace: new Map(byPlace).set(keyOf(place), numbered) }));
}

/** The same from a link that was pasted here. */
export function prefillSignIn(link: Link): void {
  const place = { host: link.host, port: link.port, target: link.target ?? '' };
  putPrefill(place, {
    user: link.user ?? null,
    secret: link.secret ?? '',
    hasSecret: false,
    mutual: link.targetSecret !== undefined,
    targetUser: link.targetUser ?? '',
    targetSecret: link.targetSecret ?? '',
    headerDigest: link.headerDigest ?? null,
    lun: link.lun ?? null,
  });
}

/** What waits for a place; null where nothing does. */
export function usePrefill(place: TargetPlace): Prefill | null {
  return usePrefills((store) => store.byPlace.get(keyOf(place)) ?? null);
}
