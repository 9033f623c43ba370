import { LoginError, TransportError, UsageError, type LunascopeError } from '../../errors/index.ts';
import { parseDecimal } from '../../bytes/index.ts';
import type { FoundTarget, SystemInitiator, SystemTarget } from './types.ts';

/** The calls of a mock that can be made to fail. */
export type MockFailure = 'discovery' | 'initiators' | 'login' | 'logout' | 'rescan';

const MOST = 100_000;

/** An initiator that is not there: it finds as many targets and has as many names as it is told, for tests and demonstrations. */
export class MockInitiator implements SystemInitiator {
  readonly isMock = true;
  /** Calls that fail from now on; a login that is to fail for some targets only is listed by target name. */
  readonly failing = new Set<MockFailure>();
  readonly failingTargets = new Set<string>();
  readonly #options: Readonly<Record<string, string>>;
  readonly #initiators: number;
  readonly #targets: number;
  readonly #sessions = new Set<string>();

  /** `numberOfInitiators` and `numberOfTargets`, each "1" where left out. */
  constructor(options: Readonly<Record<string, string>> = {}) {
    this.#options = { ...options };
    this.#initiators = count(options, 'numberOfInitiators');
    this.#targets = count(options, 'numberOfTargets');
  }

  /** Targets with a session. */
  get sessions(): readonly string[] {
    return [...this.#sessions];
  }

  getOptions(): Readonly<Record<string, string>> {
    return { ...this.#options };
  }

  async discoverTargets(address: string, login: boolean): Promise<readonly FoundTarget[]> {
    if (this.failing.has('discovery'))
      throw new TransportError('CONNECT_REFUSED', `Nothing listens at ${address} (made up).`);
    const found: FoundTarget[] = [];
    for (let i = 1; i <= this.#targets; i += 1) {
      const target = { portal: address, groupTag: '1', target: `iqn.2026-01.org.lunascope.mock:target${String(i)}` };
      if (!login) {
        found.push({ ...target, login: 'not asked' });
        continue;
      }
      const error = await this.performLogin(target).then(
        () => undefined,
        (reason: unknown) => reason as LunascopeError,
      );
      found.push(error === undefined ? { ...target, login: 'done' } : { ...target, login: 'failed', error });
    }
    return found;
  }

  getInitiators(): Promise<readonly string[]> {
    if (this.failing.has('initiators'))
      return Promise.reject(new TransportError('IO_FAILED', 'The file of names cannot be read (made up).'));
    return Promise.resolve(
      Array.from({ length: this.#initiators }, (_, i) => `iqn.2026-01.org.lunascope.mock:initiator${String(i + 1)}`),
    );
  }

  performLogin(target: SystemTarget): Promise<void> {
    const refused = (): LoginError => new LoginError('LOGIN_REFUSED', `${target.target} refused the login (made up).`);
    if (this.failingTargets.has(target.target)) return Promise.reject(refused());
    return this.#attempt('login', refused, () => this.#sessions.add(target.target));
  }

  performLogout(target: SystemTarget): Promise<void> {
    const failed = (): TransportError =>
      new TransportError('IO_FAILED', `${target.target} could not be left (made up).`);
    return this.#attempt('logout', failed, () => this.#sessions.delete(target.target));
  }

  performRescan(): Promise<void> {
    const failed = (): TransportError => new TransportError('IO_FAILED', 'The rescan failed (made up).');
    return this.#attempt('rescan', failed, () => undefined);
  }

  #attempt(call: MockFailure, error: () => LunascopeError, done: () => unknown): Promise<void> {
    if (this.failing.has(call)) return Promise.reject(error());
    done();
    return Promise.resolve();
  }
}

function count(options: Readonly<Record<string, string>>, name: string): number {
  const text = options[name] ?? '1';
  const number = parseDecimal(text);
  if (number === undefined || number > BigInt(MOST))
    throw new UsageError('OUT_OF_RANGE', `${name} is a whole number from 0 to ${String(MOST)}; "${text}" is not.`);
  return Number(number);
}
