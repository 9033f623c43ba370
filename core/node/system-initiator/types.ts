import type { LunascopeError } from '../../errors/index.ts';

/** A target as this computer's own initiator names it. */
export interface SystemTarget {
  /** Host and port, IPv6 in brackets. */
  readonly portal: string;
  readonly groupTag: string;
  readonly target: string;
}

/** A target that was found, and what became of the login where one was asked for. */
export interface FoundTarget extends SystemTarget {
  readonly login: 'not asked' | 'done' | 'failed';
  readonly error?: LunascopeError;
}

/** The initiator of the operating system: five calls, the same for the real one and the mock. */
export interface SystemInitiator {
  /** Lists a portal's targets, and logs in to each where `login` is set; one login that fails keeps no other from being tried. */
  discoverTargets(address: string, login: boolean): Promise<readonly FoundTarget[]>;
  /** The initiator names in a file; the system's own file where its name is left out or empty. */
  getInitiators(file?: string): Promise<readonly string[]>;
  performLogin(target: SystemTarget): Promise<void>;
  performLogout(target: SystemTarget): Promise<void>;
  /** Looks anew for the units of every session of this computer. */
  performRescan(): Promise<void>;
  readonly isMock: boolean;
  /** The options it was made with, as they were given. */
  getOptions(): Readonly<Record<string, string>>;
}
