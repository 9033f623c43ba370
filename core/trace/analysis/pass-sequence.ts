import { serialDistance, serialLess } from '../../bytes/index.ts';
import { isVendorOpcode, OPCODES, RESERVED_TAG } from '../../pdu/index.ts';
import { MARKS, NO_TASK, TASK_FLAGS, type PduPage } from '../columns.ts';
import { describeTask } from '../describe.ts';
import { WORD_USE } from '../fields-of.ts';
import type { Trace } from '../trace.ts';
import type { FindingCollector } from './collector.ts';
import type { Coverage } from './coverage.ts';
import type { SessionLimits } from './session-limits.ts';

/** A command number that was passed over, by a PDU of a connection. */
interface Hole {
  readonly due: number;
  readonly cmdSn: number;
  readonly row: number;
  readonly id: number;
  readonly timeNs: number;
  /** Whether no other connection of the session can have had it. */
  readonly isKnown: boolean;
  /** Whether the target went on past it. */
  isPassed: boolean;
}

interface Session {
  /** Its connections, the leading one first where that was captured. */
  readonly ids: number[];
  nextCmdSn: number;
  maxCmdSn: number;
  /** How many numbers before the next one were not seen; NaN where that cannot be known. */
  missing: number;
  /** Whether commands may come on connections beside the one: in an order of their own, and unseen where those were not captured. */
  isShared: boolean;
  /** The first number that is missing there, until the target has it or tells that it waits for it. */
  hole: Hole | undefined;
  isClosed: boolean;
  /** When its window closed and by which PDU, with which MaxCmdSN; NaN while it is open or once that has been reported. */
  closedNs: number;
  closedRow: number;
  closedAt: number;
}

interface Link {
  readonly session: Session;
  /** What is due where each connection is looked at for itself. */
  nextCmdSn: number;
  nextStatSn: number;
  /** Rows of the last statuses, each at the low bits of its number. */
  readonly statuses: number[];
  lastNs: number;
  lastRow: number;
  /** Until when a command that was sent is open, and which. */
  openNs: number;
  openTask: number;
}

const UNSET = -1;
/** So many of the last statuses of a connection are looked at for a number that comes twice. */
const STATUSES = 64;
const STALL_NS = 1e9;
const CLOSED_NS = 1e9;
/** A target that waits so long for a command of a session with several connections does not get it. */
const HOLE_NS = 1e9;

/** Follows command and status numbers, windows, and standstills (RFC 7143 4.2.2). */
export class SequencePass {
  readonly #trace: Trace;
  readonly #collector: FindingCollector;
  readonly #coverage: Coverage;
  readonly #limits: SessionLimits;
  readonly #sessions = new Map<string, Session>();
  readonly #links: (Link | undefined)[] = [];

  constructor(trace: Trace, collector: FindingCollector, coverage: Coverage, limits: SessionLimits) {
    this.#coverage = coverage;
    this.#limits = limits;
    this.#trace = trace;
    this.#collector = collector;
  }

  /** Looks at one PDU. */
  visit(page: PduPage, i: number, row: number): void {
    const id = page.connection[i] as number;
    const link = this.#links[id] ?? this.#link(id, row);
    const opcode = (page.opcode[i] as number) & 0x3f;
    const marks = page.marks[i] as number;
    if ((marks & MARKS.gapBefore) !== 0) {
      link.nextStatSn = UNSET;
      link.session.nextCmdSn = link.nextCmdSn = UNSET;
      link.session.hole = undefined;
      link.session.missing = NaN;
      // Answers may be among what is missing.
      link.openNs = -Infinity;
      link.session.isClosed = false;
      link.session.closedNs = NaN;
    }
    const timeNs = page.time[i] as number;
    if (link.openNs >= timeNs && timeNs - link.lastNs > STALL_NS) {
      const seconds = ((timeNs - link.lastNs) / 1e9).toFixed(1);
      this.#collector.report(
        'stall',
        id,
        [link.lastRow, row],
        () => `Nothing was sent for ${seconds} s with ${describeTask(this.#trace, link.openTask)} open.`,
      );
    }
    if (timeNs - link.session.closedNs > CLOSED_NS) this.#closedLong(link.session, id, row, timeNs);
    link.lastNs = Math.max(link.lastNs, timeNs);
    link.lastRow = row;
    // What numbers a vendor's PDU has, or uses up, nobody knows.
    if (isVendorOpcode(opcode)) {
      link.nextStatSn = link.session.nextCmdSn = link.nextCmdSn = UNSET;
      link.session.missing = NaN;
    } else if ((marks & MARKS.fromInitiator) !== 0) this.#request(page, i, row, id, link, opcode);
    else this.#answer(page, i, row, id, link, opcode);
  }

  /** All PDUs were seen: a number that the target went past has not come. */
  finish(): void {
    for (const session of new Set(this.#links.map((link) => link?.session)))
      if (session?.hole?.isPassed === true) this.#missed(session, session.hole, this.#trace.length);
  }

  /** Connections of one session share their command numbers; a leading login begins them anew, whatever its names (RFC 7143 4.2.2.1, 6.3.1). */
  #link(id: number, row: number): Link {
    const info = this.#trace.connections[id];
    const name =
      info?.loggedIn === true ? `${info.initiatorName}|${info.targetName}|${info.isid}|${info.tsih}` : `#${id}`;
    const leads = this.#leads(row);
    const known = leads ? undefined : this.#sessions.get(name);
    if (known !== undefined) known.isShared = true;
    const session = known ?? {
      ids: [],
      nextCmdSn: UNSET,
      maxCmdSn: UNSET,
      missing: leads ? 0 : NaN,
      isShared: !leads,
      hole: undefined,
      isClosed: false,
      closedNs: NaN,
      closedRow: 0,
      closedAt: 0,
    };
    session.ids.push(id);
    this.#sessions.set(name, session);
    const link: Link = {
      session,
      nextCmdSn: UNSET,
      nextStatSn: UNSET,
      statuses: [],
      lastNs: -Infinity,
      lastRow: 0,
      openNs: -Infinity,
      openTask: NO_TASK,
    };
    this.#links[id] = link;
    return link;
  }

  /** Whether a connection begins with a login that asks for a new session: its TSIH is zero. */
  #leads(row: number): boolean {
    const { bhs } = this.#trace.readPdu(row, 0);
    return ((bhs[0] as number) & 0x3f) === OPCODES.loginRequest && bhs[14] === 0 && bhs[15] === 0;
  }

  #request(page: PduPage, i: number, row: number, id: number, link: Link, opcode: number): void {
    if (opcode === OPCODES.scsiCommand) this.#opened(link, page.task[i] as number);
    const expStatSn = page.word28[i] as number;
    if (link.nextStatSn !== UNSET && opcode !== OPCODES.loginRequest && serialLess(link.nextStatSn, expStatSn)) {
      const ahead = serialDistance(link.nextStatSn, expStatSn);
      this.#collector.report(
        'expstatsn-ahead',
        id,
        [row],
        () => `ExpStatSN ${expStatSn} is ${ahead} past the last status seen.`,
      );
      link.nextStatSn = expStatSn;
    }
    if (WORD_USE[opcode]?.cmdSn !== true) return;
    const { session } = link;
    const cmdSn = page.word24[i] as number;
    const immediate = ((page.opcode[i] as number) & 0x40) !== 0;
    if (!immediate) {
      if ((this.#limits.of(id)?.maxConnections ?? 1) > 1) session.isShared = true;
      countMissing(link, cmdSn);
      if (session.isShared) this.#checkSharedCmdSn(link, cmdSn, row, id, page.time[i] as number);
      else this.#checkCmdSn(session, cmdSn, row, id);
      this.#checkWindow(session, cmdSn, row, id);
    }
    const next = immediate ? cmdSn : (cmdSn + 1) >>> 0;
    session.nextCmdSn = later(session.nextCmdSn, next);
    link.nextCmdSn = later(link.nextCmdSn, next);
  }

  /** A command is sent, which is open until it is answered or called off. */
  #opened(link: Link, task: number): void {
    if (task === NO_TASK) return;
    const [page, i] = this.#trace.taskAt(task);
    const flags = page.flags[i] as number;
    if ((flags & TASK_FLAGS.tagReused) !== 0) return;
    const isOver = (flags & (TASK_FLAGS.ended | TASK_FLAGS.aborted)) !== 0;
    const untilNs = isOver ? (page.end[i] as number) : Infinity;
    if (untilNs < link.openNs) return;
    link.openNs = untilNs;
    link.openTask = task;
  }

  #checkCmdSn(session: Session, cmdSn: number, row: number, id: number): void {
    if (session.nextCmdSn !== UNSET) {
      const ahead = serialDistance(session.nextCmdSn, cmdSn);
      if (ahead > 0) this.#gap(id, row, cmdSn, session.nextCmdSn);
      else if (ahead < 0) this.#repeated(id, row, cmdSn, session.nextCmdSn);
    }
  }

  /** Where a session has several connections, one that was not captured may have had a later MaxCmdSN: its commands would be missing here. */
  #checkWindow(session: Session, cmdSn: number, row: number, id: number): void {
    const { ids, isShared, maxCmdSn, missing } = session;
    if (maxCmdSn === UNSET || !serialLess(maxCmdSn, cmdSn)) return;
    if (!isShared || (missing === 0 && this.#isWhole(ids, row, row)))
      this.#collector.report(
        'cmdsn-outside-window',
        id,
        [row],
        () => `CmdSN ${cmdSn} was sent while the target took up to ${maxCmdSn}.`,
      );
  }

  /** Over several connections numbers rise on each; what the session lacks may be on its way on another, or not captured. */
  #checkSharedCmdSn(link: Link, cmdSn: number, row: number, id: number, timeNs: number): void {
    const { session } = link;
    if (link.nextCmdSn !== UNSET && serialLess(cmdSn, link.nextCmdSn)) this.#repeated(id, row, cmdSn, link.nextCmdSn);
    if (session.hole?.due === cmdSn) session.hole = undefined;
    else if (session.nextCmdSn !== UNSET && serialLess(session.nextCmdSn, cmdSn))
      session.hole ??= {
        due: session.nextCmdSn,
        cmdSn,
        row,
        id,
        timeNs,
        isKnown: this.#isComplete(session, timeNs),
        isPassed: false,
      };
  }

  /** Whether a session has as many connections as it may have, and all are among those captured. */
  #isComplete({ ids, missing }: Session, timeNs: number): boolean {
    if (Number.isNaN(missing) || this.#limits.of(ids[0] ?? -1)?.maxConnections !== ids.length) return false;
    return ids.every((id) => !((this.#trace.connections[id]?.closedNs ?? NaN) < timeNs));
  }

  /** Whether nothing of these connections may be missing between two rows. */
  #isWhole(ids: readonly number[], from: number, to: number): boolean {
    return ids.every((id) => this.#coverage.onlySide(id) === undefined && !this.#coverage.lossBetween(id, from, to));
  }

  /** A target that acknowledges past a missing number has had it, unless no connection can have brought it. */
  #checkHole(session: Session, expCmdSn: number, timeNs: number, row: number): void {
    const { hole } = session;
    if (hole === undefined) return;
    const hasIt = serialLess(hole.due, expCmdSn);
    if (hasIt && hole.isKnown) hole.isPassed = true;
    else if (hasIt) session.hole = undefined;
    if (session.hole === undefined || timeNs - hole.timeNs < HOLE_NS) return;
    session.hole = undefined;
    if (hasIt) this.#missed(session, hole, row);
    else this.#gap(hole.id, hole.row, hole.cmdSn, hole.due);
  }

  /** A number that the target went past, and that was on none of the connections there are. */
  #missed({ ids }: Session, hole: Hole, row: number): void {
    if (this.#isWhole(ids, hole.row, row)) this.#gap(hole.id, hole.row, hole.cmdSn, hole.due);
  }

  #gap(id: number, row: number, cmdSn: number, due: number): void {
    this.#collector.report(
      'cmdsn-gap',
      id,
      [row],
      () => `CmdSN ${cmdSn} follows where ${due} was due: ${serialDistance(due, cmdSn)} missing.`,
    );
  }

  #repeated(id: number, row: number, cmdSn: number, due: number): void {
    this.#collector.report('cmdsn-repeated', id, [row], () => `CmdSN ${cmdSn} had been sent before; ${due} was due.`);
  }

  #answer(page: PduPage, i: number, row: number, id: number, link: Link, opcode: number): void {
    const flags = page.flags[i] as number;
    const hasStatus = opcode !== OPCODES.dataIn || (flags & 1) !== 0;
    const expCmdSn = page.word28[i] as number;
    const maxCmdSn = page.word32[i] as number;
    const { session } = link;
    session.maxCmdSn = later(session.maxCmdSn, maxCmdSn);
    this.#checkHole(session, expCmdSn, page.time[i] as number, row);
    if (opcode !== OPCODES.loginResponse) this.#window(page, i, row, id, link, expCmdSn, maxCmdSn);
    if (opcode === OPCODES.readyToTransfer || !hasStatus) return;
    const statSn = page.word24[i] as number;
    if (opcode === OPCODES.nopIn && page.itt[i] === RESERVED_TAG) {
      if (link.nextStatSn === UNSET) link.nextStatSn = statSn;
      return;
    }
    if (link.nextStatSn !== UNSET && serialLess(link.nextStatSn, statSn)) {
      const missing = serialDistance(link.nextStatSn, statSn);
      const due = link.nextStatSn;
      this.#collector.report(
        'statsn-gap',
        id,
        [row],
        () => `StatSN ${statSn} follows where ${due} was due: ${missing} missing.`,
      );
    }
    if (opcode !== OPCODES.loginResponse) this.#checkTwice(page, i, row, id, link, statSn);
    const next = (statSn + 1) >>> 0;
    if (link.nextStatSn === UNSET || serialLess(link.nextStatSn, next)) link.nextStatSn = next;
  }

  /** A number belongs to one status; what is sent again has the same tag. */
  #checkTwice(page: PduPage, i: number, row: number, id: number, link: Link, statSn: number): void {
    const place = statSn % STATUSES;
    const before = link.statuses[place];
    link.statuses[place] = row;
    const isNew = link.nextStatSn !== UNSET && !serialLess(statSn, link.nextStatSn);
    if (before === undefined || isNew) return;
    const [earlier, k] = this.#trace.at(before);
    if (earlier.word24[k] !== statSn || earlier.itt[k] === page.itt[i]) return;
    this.#collector.report(
      'statsn-repeated',
      id,
      [before, row],
      () => `StatSN ${statSn} is that of an earlier status, for another tag.`,
    );
  }

  /** A window that closes while commands are open is told of at once, and any that stays closed. */
  #window(page: PduPage, i: number, row: number, id: number, link: Link, expCmdSn: number, maxCmdSn: number): void {
    const { session } = link;
    if (maxCmdSn !== (expCmdSn - 1) >>> 0) {
      session.closedNs = NaN;
      session.isClosed = false;
      return;
    }
    const timeNs = page.time[i] as number;
    if (!session.isClosed) {
      session.isClosed = true;
      session.closedNs = timeNs;
      session.closedRow = row;
      session.closedAt = maxCmdSn;
    }
    if (link.openNs > timeNs)
      this.#collector.report(
        'window-closed',
        id,
        [row],
        () => `MaxCmdSN ${maxCmdSn} is below ExpCmdSN ${expCmdSn}: no command may be sent.`,
      );
  }

  #closedLong(session: Session, id: number, row: number, timeNs: number): void {
    const seconds = ((timeNs - session.closedNs) / 1e9).toFixed(1);
    const { closedRow, closedAt } = session;
    session.closedNs = NaN;
    this.#collector.report(
      'window-closed',
      id,
      [closedRow, row],
      () => `MaxCmdSN stayed at ${closedAt}, below ExpCmdSN, for ${seconds} s or more: no command could be sent.`,
    );
  }
}

/** The later of two serial numbers, the first of which may not be set. */
function later(known: number, number: number): number {
  return known === UNSET || serialLess(known, number) ? number : known;
}

/** Counts a number that a connection sends: those it leaves out are missing until they come on another one. */
function countMissing({ session, nextCmdSn }: Link, cmdSn: number): void {
  if (session.nextCmdSn === UNSET) session.missing = NaN;
  else if (!serialLess(cmdSn, session.nextCmdSn)) session.missing += serialDistance(session.nextCmdSn, cmdSn);
  else if (nextCmdSn === UNSET || !serialLess(cmdSn, nextCmdSn)) session.missing -= 1;
}
