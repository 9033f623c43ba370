import { serialAdd, serialDistance, serialLess, serialLessOrEqual } from '../bytes/index.ts';

/** The command window of a session (RFC 7143 4.2.2.1). */
export class CommandWindow {
  /** CmdSN the next command will carry. */
  cmdSn: number;
  expCmdSn: number;
  maxCmdSn: number;

  constructor(cmdSn: number) {
    this.cmdSn = cmdSn;
    this.expCmdSn = cmdSn;
    this.maxCmdSn = cmdSn;
  }

  /** Starts over with what a login agreed. */
  restart(cmdSn: number, expCmdSn: number, maxCmdSn: number): void {
    this.cmdSn = cmdSn;
    this.expCmdSn = expCmdSn;
    this.maxCmdSn = maxCmdSn;
  }

  /** Whether the next command may be sent. */
  get open(): boolean {
    return serialLessOrEqual(this.cmdSn, this.maxCmdSn);
  }

  /** Commands that may be sent now. */
  get credit(): number {
    return Math.max(0, serialDistance(this.cmdSn, this.maxCmdSn) + 1);
  }

  /** The CmdSN of the command being sent; counts it. */
  take(): number {
    const taken = this.cmdSn;
    this.cmdSn = serialAdd(taken, 1);
    return taken;
  }

  /** Follows a PDU's ExpCmdSN and MaxCmdSN; an update that is older than what is known, or makes no sense, is ignored. */
  update(expCmdSn: number, maxCmdSn: number): void {
    if (serialLess(maxCmdSn, serialAdd(expCmdSn, 0xffffffff))) return;
    if (serialLess(this.maxCmdSn, maxCmdSn)) this.maxCmdSn = maxCmdSn;
    if (serialLess(this.expCmdSn, expCmdSn)) this.expCmdSn = expCmdSn;
  }
}
