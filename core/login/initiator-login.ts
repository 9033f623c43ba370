import { AuthError, LoginError, LunascopeError, ProtocolError } from '../errors/index.ts';
import {
  buildPdu,
  decodeBhs,
  isReservedValue,
  OPCODES,
  opcodeName,
  quote,
  REJECT_REASON_NAMES,
  TextAssembler,
  type PduFields,
  type TextPair,
} from '../pdu/index.ts';
import { ChallengeLog } from './chap.ts';
import { ChapInitiator } from './chap-initiator.ts';
import { EXCHANGE_LIMIT, exchangeOf, LOGIN_TEXT_LIMIT, sortPairs, STAGE, strayKey, TextOut } from './exchange.ts';
import { checkConfig, STEPS, TRANSITIONS, type Event, type Phase } from './initiator-phases.ts';
import { Negotiator } from './negotiator.ts';
import { DEFAULT_SEGMENT_LENGTH, sessionParameters } from './parameters.ts';
import { buildPolicy } from './policy.ts';
import { refusalOf } from './refusal.ts';
import { parseTargetAddress } from './target-address.ts';
import type { InitiatorLoginConfig, LoginExchange, LoginResult, LoginStep, RetryAdvice } from './types.ts';

type Response = PduFields<'loginResponse'>;

const ADVICE: RetryAdvice = {
  algorithms: [5],
  reason: 'Some targets fail when CHAP is offered with more than MD5; a second try offers MD5 only.',
};

const NO_ISID = 'The target leaves the ISID out of its login responses.';

/**
 * Login of an initiator as a machine: PDUs in, steps out (RFC 7143 6.3). Failures are steps too; only a wrong configuration
 * throws, from the constructor.
 */
export class InitiatorLogin {
  readonly #config: InitiatorLoginConfig;
  readonly #negotiator: Negotiator;
  readonly #chap: ChapInitiator | undefined;
  readonly #text: TextAssembler;
  readonly #out = new TextOut();
  readonly #history: LoginExchange[] = [];
  readonly #warnings: string[] = [];
  #phase: Phase = 'idle';
  #sent: readonly TextPair[] = [];
  #asked = false;
  #requests = 0;
  #expStatSn: number;
  #statSnKnown = false;
  #gathering = false;

  constructor(config: InitiatorLoginConfig) {
    checkConfig(config);
    const { sessionType, offers, overrides, chap } = config;
    const leading = config.tsih === 0;
    const policy = buildPolicy({
      side: 'initiator',
      sessionType,
      leading,
      ...(offers === undefined ? {} : { offers }),
      ...(overrides === undefined ? {} : { overrides }),
    });
    this.#config = config;
    this.#negotiator = new Negotiator({ side: 'initiator', sessionType, leading, policy });
    this.#chap =
      chap === undefined
        ? undefined
        : new ChapInitiator(chap, config.chapDigest, config.random, config.challenges ?? new ChallengeLog());
    this.#text = new TextAssembler(config.textLimit ?? LOGIN_TEXT_LIMIT);
    this.#expStatSn = config.expStatSn ?? 0;
  }

  /** What was said so far, proofs hidden. */
  get history(): readonly LoginExchange[] {
    return this.#history;
  }

  /** What to try where the login ends now, be it by a refusal or by a connection that closes. */
  get retryAdvice(): RetryAdvice | undefined {
    const offered = this.#chap?.algorithms ?? [];
    const proving = this.#phase === 'challenge' || this.#phase === 'proof';
    return proving && offered.length > 1 && offered.includes(5) ? ADVICE : undefined;
  }

  /** The first request. */
  start(): LoginStep {
    return this.#guard(() => {
      this.#move(this.#config.skipSecurity === true ? 'skip' : 'start');
      this.#introduce();
      if (this.#phase === 'operational') this.#negotiator.nameAll();
      else this.#negotiator.name('AuthMethod', this.#methods());
      return this.#say(this.#negotiator.takeOutgoing());
    });
  }

  /** Takes a PDU of the target: its 48 header bytes and its data without padding. */
  receive(bhs: Uint8Array, data: Uint8Array): LoginStep {
    return this.#guard(() => {
      if (this.#phase === 'idle' || this.#phase === 'ended')
        throw new ProtocolError('PROTOCOL_UNEXPECTED', 'The target sent a PDU, and no login is going on.');
      const response = this.#open(bhs, data);
      if (response.statusClass === 1) return this.#redirect(response, data);
      if (response.statusClass !== 0)
        throw refusalOf(response.statusClass, response.statusDetail, this.#chap !== undefined, STEPS[this.#phase]);
      this.#check(response, data);
      return this.#take(response, data);
    });
  }

  #guard(work: () => LoginStep): LoginStep {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof LunascopeError)) throw error;
      const known = error instanceof LoginError || error instanceof AuthError || error instanceof ProtocolError;
      const shown = known ? error : new ProtocolError('PROTOCOL_UNEXPECTED', error.message, { cause: error });
      const advice = this.#adviceFor(shown);
      this.#phase = 'ended';
      return { kind: 'failed', error: shown, ...(advice === undefined ? {} : { retryAdvice: advice }) };
    }
  }

  #adviceFor(error: LoginError | AuthError | ProtocolError): RetryAdvice | undefined {
    const refused = error.code === 'AUTH_REFUSED' || error.code === 'AUTH_METHOD';
    return refused || error.details['statusCode'] === '0x0200' ? this.retryAdvice : undefined;
  }

  #move(event: Event): void {
    const next = TRANSITIONS[this.#phase][event];
    if (next === undefined)
      throw new ProtocolError(
        'PROTOCOL_UNEXPECTED',
        `The target's answer does not fit the login: "${event}" while the step was "${this.#phase}".`,
      );
    this.#phase = next;
  }

  #introduce(): void {
    const { initiatorName, initiatorAlias, targetName, sessionType } = this.#config;
    this.#negotiator.name('InitiatorName', initiatorName);
    if (initiatorAlias !== undefined) this.#negotiator.name('InitiatorAlias', initiatorAlias);
    if (targetName !== undefined) this.#negotiator.name('TargetName', targetName);
    this.#negotiator.name('SessionType', sessionType);
  }

  #methods(): string {
    if (this.#chap === undefined) return 'None';
    return this.#config.chap?.allowNone === true ? 'CHAP,None' : 'CHAP';
  }

  /** Sends pairs; the transition is asked for with the last of them wherever this step can be the last of its stage. */
  #say(pairs: readonly TextPair[]): LoginStep {
    this.#sent = pairs;
    this.#out.load(pairs);
    return this.#sendNext();
  }

  #sendNext(): LoginStep {
    this.#requests += 1;
    const limit = this.#config.exchangeLimit ?? EXCHANGE_LIMIT;
    if (this.#requests > limit)
      throw new LoginError(
        'LOGIN_NEGOTIATION',
        `The target keeps the login going without an end; it was given up after ${limit} requests.`,
      );
    const data = this.#out.next();
    const more = this.#out.pending;
    const operational = this.#phase === 'operational';
    const last =
      operational ||
      this.#phase === 'proof' ||
      this.#phase === 'leave' ||
      (this.#phase === 'method' && this.#chap === undefined);
    this.#asked = last && !more && !this.#gathering;
    const { isid, tsih, itt, cid, cmdSn } = this.#config;
    const pdu = buildPdu(
      'loginRequest',
      {
        immediate: true,
        transit: this.#asked,
        continue: more,
        csg: operational ? STAGE.operational : STAGE.security,
        nsg: !this.#asked ? 0 : this.#nextStage(),
        isid,
        tsih,
        itt: itt ?? 0,
        cid,
        cmdSn,
        expStatSn: this.#expStatSn,
      },
      data,
    );
    return { kind: 'send', pdu };
  }

  #nextStage(): number {
    return this.#phase === 'operational' ? STAGE.fullFeature : STAGE.operational;
  }

  #open(bhs: Uint8Array, data: Uint8Array): Response {
    const opcode = (bhs[0] ?? 0) & 0x3f;
    if (opcode === OPCODES.reject) {
      const { reason } = decodeBhs('reject', bhs);
      throw new ProtocolError(
        'PROTOCOL_UNEXPECTED',
        `The target rejected the login request: ${REJECT_REASON_NAMES[reason] ?? `reason ${reason}`}.`,
      );
    }
    if (opcode !== OPCODES.loginResponse)
      throw new ProtocolError(
        'PROTOCOL_UNEXPECTED',
        `The target sent ${opcodeName(opcode)} while a login was going on.`,
      );
    if (data.length > DEFAULT_SEGMENT_LENGTH)
      throw new ProtocolError(
        'PROTOCOL_TOO_LARGE',
        `The target sent ${data.length} bytes in one login response; at most ${DEFAULT_SEGMENT_LENGTH} are allowed.`,
      );
    return decodeBhs('loginResponse', bhs);
  }

  #check(response: Response, data: Uint8Array): void {
    const fail = (sentence: string): never => {
      throw new ProtocolError('PROTOCOL_UNEXPECTED', sentence);
    };
    const { isid, tsih, itt } = this.#config;
    const csg = this.#phase === 'operational' ? STAGE.operational : STAGE.security;
    if (response.itt !== (itt ?? 0)) fail(`The target answered task ${response.itt}; the login is task ${itt ?? 0}.`);
    if (response.isid.every((byte) => byte === 0) && isid.some((byte) => byte !== 0)) this.#warn(NO_ISID);
    else if (response.isid.some((byte, i) => byte !== isid[i]))
      fail('The target answered with the ISID of another session.');
    if (response.versionActive !== 0)
      fail(`The target wants to speak version ${response.versionActive} of iSCSI; only version 0 exists.`);
    if (response.csg !== csg)
      fail(`The target answered for login stage ${response.csg}; the request was about stage ${csg}.`);
    if (response.transit && response.continue)
      fail('The target ended the stage in the middle of its text (T and C are both set).');
    if (response.transit && !this.#asked) fail('The target went on to the next stage without being asked.');
    if (response.transit && response.nsg !== this.#nextStage())
      fail(`The target went on to stage ${response.nsg}; stage ${this.#nextStage()} was asked for.`);
    if (this.#out.pending && (response.continue || data.length > 0))
      fail('The target answered a text before it had all of it.');
    const final = response.transit && csg === STAGE.operational;
    if (final && tsih !== 0 && response.tsih !== tsih)
      fail(`The target put the connection into session ${response.tsih}, not ${tsih}.`);
    this.#followStatSn(response.statSn);
  }

  #warn(sentence: string): void {
    if (!this.#warnings.includes(sentence)) this.#warnings.push(sentence);
  }

  #followStatSn(statSn: number): void {
    if (this.#statSnKnown && statSn !== this.#expStatSn)
      this.#warn(`The target numbered a login response ${statSn} where ${this.#expStatSn} was due.`);
    this.#statSnKnown = true;
    this.#expStatSn = (statSn + 1) >>> 0;
  }

  #take(response: Response, data: Uint8Array): LoginStep {
    if (this.#out.pending) return this.#sendNext();
    this.#text.add(data);
    this.#gathering = response.continue;
    if (response.continue) return this.#sendNext();
    const pairs = this.#text.take();
    const stage = this.#phase === 'operational' ? 'operational' : 'security';
    this.#history.push(exchangeOf(stage, this.#sent, pairs, response.transit));
    const { chap, rest } = sortPairs(pairs, 'target');
    this.#negotiator.receive(rest, stage);
    return this.#proceed(response, chap);
  }

  #proceed(response: Response, chap: readonly TextPair[]): LoginStep {
    const [stray] = chap;
    if (stray !== undefined && this.#phase !== 'challenge' && this.#phase !== 'proof') throw strayKey(stray, 'target');
    const event = response.transit ? 'granted' : 'held';
    switch (this.#phase) {
      case 'method':
        return this.#chooseMethod(event);
      case 'challenge': {
        const answer = this.#chap?.answer(chap) ?? [];
        this.#move('challenged');
        return this.#say([...answer, ...this.#negotiator.takeOutgoing()]);
      }
      case 'proof':
        this.#chap?.verify(chap);
        return this.#goOn(event);
      default:
        return this.#phase === 'operational' && response.transit ? this.#finish(response) : this.#goOn(event);
    }
  }

  #chooseMethod(event: 'granted' | 'held'): LoginStep {
    const entry = this.#negotiator.agreed('AuthMethod');
    const answer = entry?.answered ?? null;
    if (answer !== null && isReservedValue(answer)) {
      throw new AuthError(
        'AUTH_METHOD',
        `This initiator offered AuthMethod ${this.#methods()}, and the target answered ${answer}.`,
        {
          hint: 'Give CHAP credentials if the target wants them, or none if it does not know CHAP.',
          details: { side: 'initiator', step: 'AuthMethod' },
        },
      );
    }
    if (answer === 'CHAP') {
      this.#move('chap');
      return this.#say([...(this.#chap?.propose() ?? []), ...this.#negotiator.takeOutgoing()]);
    }
    if (answer === null || event === 'granted') return this.#goOn(event);
    this.#move('open');
    return this.#say(this.#negotiator.takeOutgoing());
  }

  #goOn(event: 'granted' | 'held'): LoginStep {
    this.#move(event);
    if (this.#phase === 'operational') this.#negotiator.nameAll();
    return this.#say(this.#negotiator.takeOutgoing());
  }

  #finish(response: Response): LoginStep {
    const late = this.#negotiator.takeOutgoing();
    if (late.length > 0)
      this.#warn(
        `The target offered ${late.map((pair) => pair.key).join(', ')} in its last answer, too late for a reply.`,
      );
    this.#negotiator.finish();
    if (response.tsih === 0 && this.#config.sessionType === 'Normal')
      this.#warn('The target gave the session no handle (TSIH 0), so no connection can be added to it.');
    const parameters = sessionParameters(this.#negotiator, this.#config.sessionType, this.#config.session, (sentence) =>
      this.#warn(sentence),
    );
    this.#move('granted');
    const result: LoginResult = {
      tsih: response.tsih,
      expStatSn: this.#expStatSn,
      expCmdSn: response.expCmdSn,
      maxCmdSn: response.maxCmdSn,
      parameters,
      warnings: [...(this.#chap?.warnings ?? []), ...this.#negotiator.warnings, ...this.#warnings],
      history: this.#history,
      authMethod: this.#chap !== undefined && this.#chap.algorithm !== null ? 'CHAP' : 'None',
      chapAlgorithm: this.#chap?.algorithm ?? null,
      targetProven: this.#chap?.mutual === true && this.#chap.algorithm !== null,
    };
    return { kind: 'done', result };
  }

  #redirect(response: Response, data: Uint8Array): LoginStep {
    this.#text.add(data);
    const value = this.#text.take().find((pair) => pair.key === 'TargetAddress')?.value;
    const address = value === undefined ? undefined : parseTargetAddress(value);
    if (address === undefined) {
      const what = value === undefined ? 'without saying where' : `to ${quote(value)}, which is no address`;
      throw new LoginError('LOGIN_REDIRECT', `The target sends this initiator elsewhere ${what}.`, {
        details: { statusClass: response.statusClass, statusDetail: response.statusDetail },
      });
    }
    this.#phase = 'ended';
    return { kind: 'redirect', address, permanent: response.statusDetail === 2 };
  }
}
