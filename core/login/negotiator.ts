import { LoginError } from '../errors/index.ts';
import {
  formatKeyValue,
  isReservedValue,
  isTextKey,
  keySpec,
  parseKeyValue,
  quote,
  type KeySpec,
  type KeyStage,
  type KeyValue,
  type ReservedValue,
  type TextPair,
} from '../pdu/index.ts';
import type { Policy } from './policy.ts';
import { combine, faultOfAnswer } from './rules.ts';
import type { LoginSide, SessionType } from './types.ts';

/** What became of one key: who spoke first, what was said, what came of it. */
export interface Negotiated {
  readonly key: string;
  readonly spec: KeySpec | undefined;
  readonly offeredBy: LoginSide;
  readonly offered: string;
  answered: string | null;
  /** The value in force; undefined where the key was refused, is irrelevant or has not been answered. */
  value: KeyValue | undefined;
  note: string | undefined;
}

/** How a negotiation is set up. */
export interface NegotiatorConfig {
  /** The side this negotiator speaks for. */
  readonly side: LoginSide;
  readonly sessionType: SessionType;
  /** Whether the connection starts its session, so that leading-only keys may be named. */
  readonly leading: boolean;
  readonly policy: Policy;
}

/**
 * One negotiation of text keys, of either side (RFC 7143 6.2): says what this side offers and declares, answers the peer's offers,
 * and takes the peer's answers. An answer that is malformed, out of range or given twice is a LoginError.
 */
export class Negotiator {
  readonly #config: NegotiatorConfig;
  readonly #agreed = new Map<string, Negotiated>();
  readonly #declared: Readonly<Record<LoginSide, Map<string, Negotiated>>> = {
    initiator: new Map(),
    target: new Map(),
  };
  readonly #warnings: string[] = [];
  #outgoing: TextPair[] = [];

  constructor(config: NegotiatorConfig) {
    this.#config = config;
  }

  /** The side this negotiator speaks for. */
  get side(): LoginSide {
    return this.#config.side;
  }

  /** This side's own value of a key. */
  wanted(key: string): KeyValue | undefined {
    return this.#config.policy.own.get(key);
  }

  /** What was odd so far, a sentence each. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** Every key anybody named, in the order it was named first. */
  get entries(): readonly Negotiated[] {
    return [...this.#declared.initiator.values(), ...this.#declared.target.values(), ...this.#agreed.values()];
  }

  /** Own offers the peer has not answered. */
  get unanswered(): readonly string[] {
    const own = Array.from(this.#agreed.values()).filter(
      (e) => e.offeredBy === this.#config.side && e.answered === null,
    );
    return own.map((e) => e.key);
  }

  /** What became of a key two sides agree on, or undefined where nobody named it. */
  agreed(key: string): Negotiated | undefined {
    return this.#agreed.get(key);
  }

  /** What a side declared. */
  declared(side: LoginSide, key: string): Negotiated | undefined {
    return this.#declared[side].get(key);
  }

  /** Names a key of one's own: an offer, or a declaration. */
  name(key: string, text: string): void {
    const spec = keySpec(key);
    const entry = this.#entry(key, this.#config.side, text, spec);
    const value = spec === undefined ? undefined : parseKeyValue(spec, text);
    entry.value = value?.kind === 'fault' ? undefined : value;
    if (spec?.rule === 'declared') this.#declared[this.#config.side].set(key, entry);
    else this.#agreed.set(key, entry);
    if (spec?.rule !== 'declared') entry.value = undefined;
    this.#outgoing.push({ key, value: text });
  }

  /** Names every key of the policy that the peer has not named itself. */
  nameAll(): void {
    for (const [key, text] of this.#config.policy.named) {
      if (!this.#agreed.has(key) && !this.#declared[this.#config.side].has(key)) this.name(key, text);
    }
  }

  /** Declares a key with its value of the policy, unless that was done. */
  declareOnce(key: string): void {
    const value = this.wanted(key);
    if (value !== undefined && !this.#declared[this.side].has(key)) this.name(key, formatKeyValue(value));
  }

  /** Offers the own value of every key nobody named whose default this side cannot live with. */
  offerLimits(): void {
    const { sessionType, leading, policy } = this.#config;
    for (const [key, own] of policy.own) {
      const spec = keySpec(key);
      if (spec === undefined || spec.defaultValue === null || this.#agreed.has(key)) continue;
      const relevant =
        (sessionType === 'Normal' || spec.sessions === 'any') && (leading || spec.use !== 'leading only');
      const usual = parseKeyValue(spec, spec.defaultValue);
      if (!relevant || spec.rule === 'declared' || usual.kind === 'fault') continue;
      const result = combine(spec, usual, own);
      if (result === undefined || formatKeyValue(result) !== spec.defaultValue) this.name(key, formatKeyValue(own));
    }
  }

  /** Offers, declarations and answers to send, once. */
  takeOutgoing(): TextPair[] {
    const out = this.#outgoing;
    this.#outgoing = [];
    return out;
  }

  /** Takes the keys of the peer. */
  receive(pairs: readonly TextPair[], stage: KeyStage): void {
    const seen = new Set<string>();
    for (const { key, value } of pairs) {
      if (seen.has(key)) this.#fail(key, value, 'comes twice in one text');
      seen.add(key);
      this.#receiveOne(key, value, stage);
    }
  }

  /** Takes the answers that never came as not given; an offer that cannot do without one is a LoginError. */
  finish(): void {
    const missing = this.unanswered;
    for (const key of missing) {
      const entry = this.#agreed.get(key);
      if (entry !== undefined) this.#fallBack(entry, null);
    }
    if (missing.length > 0) this.#warnings.push(`The ${this.#peer} did not answer ${missing.join(', ')}.`);
  }

  #entry(key: string, offeredBy: LoginSide, offered: string, spec: KeySpec | undefined): Negotiated {
    return { key, spec, offeredBy, offered, answered: null, value: undefined, note: undefined };
  }

  get #peer(): LoginSide {
    return this.#config.side === 'initiator' ? 'target' : 'initiator';
  }

  #fail(key: string, value: string, fault: string): never {
    throw new LoginError(
      'LOGIN_NEGOTIATION',
      `The ${this.#peer} sent ${quote(key)} = ${quote(value)}: the value ${fault}.`,
      {
        hint: `The ${this.#peer} breaks RFC 7143 here; leave the key out or change it, and show the trace to its vendor.`,
        details: { key: key.slice(0, 63), value: value.slice(0, 255), side: this.#peer },
      },
    );
  }

  #receiveOne(key: string, value: string, stage: KeyStage): void {
    const spec = keySpec(key);
    if (spec === undefined) {
      this.#receiveUnknown(key, value);
      return;
    }
    if (stage === 'full feature' && !spec.stages.includes(stage)) {
      this.#rejectLate(spec, value);
      return;
    }
    this.#checkStage(spec, value, stage);
    const own = this.#agreed.get(key);
    if (spec.rule === 'declared') this.#receiveDeclaration(spec, value);
    else if (own === undefined) this.#receiveOffer(spec, value);
    else if (own.offeredBy === this.#config.side && own.answered === null) this.#receiveAnswer(own, spec, value);
    // Some targets answer the Reject of an offer of theirs, which changes nothing.
    else if (own.offeredBy === this.#peer && own.answered === 'Reject' && isReservedValue(value))
      this.#warnings.push(`The ${this.#peer} answered ${value} to the Reject of its ${key}.`);
    else this.#fail(key, value, `is a second one; ${quote(own.answered ?? own.offered)} was said before`);
  }

  #checkStage(spec: KeySpec, value: string, stage: KeyStage): void {
    if (spec.stages.includes(stage)) return;
    // Targets that send operational keys early mean them; an initiator must know better.
    if (stage === 'security' && this.#config.side === 'initiator' && spec.stages.includes('operational')) {
      this.#warnings.push(`The target sent ${spec.name} already in the security stage.`);
      return;
    }
    this.#fail(spec.name, value, `does not belong in the ${stage} stage`);
  }

  #rejectLate(spec: KeySpec, value: string): void {
    if (isReservedValue(value)) return;
    const entry = this.#entry(spec.name, this.#peer, value, spec);
    this.#agreed.set(spec.name, entry);
    this.#answer(entry, 'Reject', 'The key belongs to login.');
  }

  #receiveUnknown(key: string, value: string): void {
    const own = this.#agreed.get(key);
    if (own?.offeredBy === this.#config.side && own.answered === null) {
      own.answered = value;
      if (isReservedValue(value)) own.note = `The ${this.#peer} answered ${value}.`;
      else own.value = { kind: 'text', text: value };
      return;
    }
    if (own !== undefined)
      this.#fail(key, value, `is a second one; ${quote(own.answered ?? own.offered)} was said before`);
    if (!isTextKey(key))
      this.#fail(key, value, 'has a key that is no name: a letter, then letters, digits and . - + @ _ are allowed');
    if (isReservedValue(value)) {
      this.#warnings.push(`The ${this.#peer} answered ${quote(key)} with ${value}, which nobody offered.`);
      return;
    }
    const entry = this.#entry(key, this.#peer, value, undefined);
    this.#agreed.set(key, entry);
    this.#answer(entry, 'NotUnderstood', 'This library does not know the key.');
  }

  #receiveDeclaration(spec: KeySpec, value: string): void {
    const key = spec.name;
    const mine = this.#declared[this.#config.side].get(key);
    if (isReservedValue(value)) {
      if (mine === undefined) this.#fail(key, value, 'answers a declaration nobody made');
      mine.answered = value;
      mine.note = `The ${this.#peer} answered ${value}, though declarations take no answer.`;
      this.#warnings.push(`The ${this.#peer} answered ${key} with ${value}, though declarations take no answer.`);
      return;
    }
    if (spec.senders === this.#config.side) {
      if (mine?.offered !== value) this.#fail(key, value, `was sent by the ${this.#peer}, which may not`);
      this.#warnings.push(`The ${this.#peer} echoed ${key}, which only the ${this.#config.side} sends.`);
      return;
    }
    const parsed = parseKeyValue(spec, value);
    if (parsed.kind === 'fault') this.#fail(key, value, parsed.fault);
    const before = this.#declared[this.#peer].get(key);
    if (before !== undefined) {
      if (before.offered !== value) this.#fail(key, value, `is a second one; ${quote(before.offered)} was said before`);
      this.#warnings.push(`The ${this.#peer} declared ${key} twice with the same value.`);
      return;
    }
    const entry = this.#entry(key, this.#peer, value, spec);
    entry.value = parsed;
    this.#declared[this.#peer].set(key, entry);
  }

  #receiveAnswer(entry: Negotiated, spec: KeySpec, value: string): void {
    if (isReservedValue(value)) {
      this.#fallBack(entry, value);
      return;
    }
    const offer = parseKeyValue(spec, entry.offered);
    const answer = parseKeyValue(spec, value);
    if (answer.kind === 'fault') this.#fail(spec.name, value, answer.fault);
    const fault = offer.kind === 'fault' ? undefined : faultOfAnswer(spec, offer, answer);
    if (fault !== undefined) this.#fail(spec.name, value, fault);
    entry.answered = value;
    entry.value = answer;
  }

  #receiveOffer(spec: KeySpec, value: string): void {
    const { side, sessionType, leading, policy } = this.#config;
    if (isReservedValue(value)) {
      this.#warnings.push(`The ${this.#peer} answered ${spec.name} with ${value}, which nobody offered.`);
      return;
    }
    const entry = this.#entry(spec.name, this.#peer, value, spec);
    this.#agreed.set(spec.name, entry);
    const offer = parseKeyValue(spec, value);
    if (offer.kind === 'fault' && side === 'initiator') this.#fail(spec.name, value, offer.fault);
    if (spec.senders === side) this.#fail(spec.name, value, `was sent by the ${this.#peer}, which may not`);
    if (!leading && spec.use === 'leading only')
      this.#answer(entry, 'Reject', "The key belongs to a session's first connection.");
    else if (sessionType === 'Discovery' && spec.sessions === 'normal')
      this.#answer(entry, 'Irrelevant', 'The key has no meaning in discovery.');
    else if (offer.kind === 'fault') this.#answer(entry, 'Reject', `The offered value ${offer.fault}.`);
    else this.#settle(entry, spec, offer, policy.own.get(spec.name));
  }

  #settle(entry: Negotiated, spec: KeySpec, offer: KeyValue, own: KeyValue | undefined): void {
    if (spec.obsolete === true) {
      if (offer.kind === 'boolean') this.#accept(entry, { kind: 'boolean', yes: false });
      else this.#answer(entry, 'Reject', 'The key is obsolete.');
      return;
    }
    const result = own === undefined ? undefined : combine(spec, offer, own);
    if (result !== undefined) this.#accept(entry, result);
    else if (spec.name.endsWith('Digest') && own !== undefined)
      this.#fail(spec.name, entry.offered, `holds nothing this ${this.#config.side} takes (${formatKeyValue(own)})`);
    else this.#answer(entry, 'Reject', `This ${this.#config.side} supports none of these values.`);
  }

  #accept(entry: Negotiated, value: KeyValue): void {
    entry.value = value;
    entry.answered = formatKeyValue(value);
    this.#outgoing.push({ key: entry.key, value: entry.answered });
  }

  #answer(entry: Negotiated, value: ReservedValue, note: string): void {
    entry.answered = value;
    entry.note = note;
    this.#outgoing.push({ key: entry.key, value });
  }

  /** An own offer that was not accepted: the value stays what RFC 7143 starts from, as far as the offer allows. */
  #fallBack(entry: Negotiated, answer: ReservedValue | null): void {
    const { key, spec, offered } = entry;
    const said = answer === null ? 'did not answer it' : `answered ${answer}`;
    const digest = spec?.name.endsWith('Digest') === true;
    if (digest && (answer === 'Reject' || !offered.split(',').includes('None'))) {
      throw new LoginError(
        'LOGIN_NEGOTIATION',
        `This ${this.#config.side} offered ${key}=${quote(offered)}, and the ${this.#peer} ${said}.`,
        {
          hint: 'The two sides do not agree on a digest; offer both CRC32C and None.',
          details: { key, value: answer ?? '', offered },
        },
      );
    }
    entry.answered = answer;
    entry.note = `The ${this.#peer} ${said}.`;
    if (answer !== null && answer !== 'Irrelevant' && spec !== undefined)
      this.#warnings.push(`${key}=${offered} was offered; the ${this.#peer} ${said}.`);
  }
}
