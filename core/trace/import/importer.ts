import { ProtocolError, LunascopeError } from '../../errors/index.ts';
import type { Crc32c } from '../../bytes/index.ts';
import { AddressNames } from '../address-names.ts';
import { isTraceFile } from '../record-format.ts';
import { parseConnectionRemark } from '../connection-remark.ts';
import { parseRemark } from '../remark.ts';
import type { Trace } from '../trace.ts';
import type { ContainerParser } from './container.ts';
import { APPLICATION } from '../application.ts';
import { FlowTable } from './flow-table.ts';
import { PacketReader } from './packets.ts';
import { isPcap, PcapParser } from './pcap.ts';
import { isPcapng, PcapngParser } from './pcapng.ts';
import { TraceFileParser } from './trace-file.ts';

/** What an importer takes its bytes for. */
export type InputKind = 'pcap' | 'pcapng' | 'trace';

/** Fewest bytes that tell what a file is. */
export const SNIFF_LENGTH = 12;

/** What a file is by its first bytes, or undefined where it is nothing that is read here. */
export function sniffInput(bytes: Uint8Array): InputKind | undefined {
  if (isPcapng(bytes)) return 'pcapng';
  if (isPcap(bytes)) return 'pcap';
  return isTraceFile(bytes) ? 'trace' : undefined;
}

function unknownInput(empty: boolean): ProtocolError {
  const message = empty ? 'There is nothing in it.' : 'This is neither a capture (pcap, pcapng) nor a trace file.';
  return new ProtocolError('PROTOCOL_MALFORMED', message, {
    hint: 'Record with tcpdump -w or dumpcap -w, or with the record verb of this program.',
  });
}

/** What is said of a capture that gave no PDU, and nothing that tells why. */
function nothingIn(packets: number): string {
  if (packets === 0) return 'The capture has no packets.';
  return `No iSCSI was found in the ${packets === 1 ? 'one packet' : `${packets} packets`} of the capture.`;
}

/** Turns the bytes of a capture or trace file, as they come, into a trace. Damage ends the import with a note and keeps what was read. */
export class TraceImporter {
  readonly trace: Trace;
  readonly #crc: Crc32c | undefined;
  #parser: ContainerParser | undefined;
  #flows: FlowTable | undefined;
  #packets: PacketReader | undefined;
  #held = new Uint8Array(0);
  #heldLength = 0;
  #position = 0;
  #skip = 0;
  /** Why the import stopped before the input's end. */
  failure: LunascopeError | undefined;

  constructor(trace: Trace, crc?: Crc32c) {
    this.trace = trace;
    this.#crc = crc;
  }

  /** Bytes of input taken so far, those held until their block is whole included. */
  get position(): number {
    return this.#position;
  }

  /** Packets there were, for captures. */
  get packets(): number {
    return this.#packets?.packets ?? 0;
  }

  /** Takes the next bytes of the input; they may be overwritten afterwards. */
  push(input: Uint8Array): void {
    if (this.failure !== undefined) return;
    // Slices of a host's own kind of array may be views that keep the whole of it alive.
    const chunk = new Uint8Array(input.buffer, input.byteOffset, input.length);
    this.#position += chunk.length;
    const skipped = Math.min(this.#skip, chunk.length);
    this.#skip -= skipped;
    if (skipped === chunk.length) return;
    const fresh = this.#heldLength === 0;
    if (!fresh) this.#hold(chunk, skipped, chunk.length);
    const bytes = fresh ? chunk : this.#held;
    const from = fresh ? skipped : 0;
    const to = fresh ? chunk.length : this.#heldLength;
    const done = this.#feed(bytes, from, to, this.#position - (to - from));
    if (done > to) {
      this.#skip = done - to;
      this.#heldLength = 0;
    } else if (fresh) this.#hold(chunk, done, to);
    else if (done > 0) {
      this.#held.copyWithin(0, done, to);
      this.#heldLength = to - done;
    }
  }

  /** The input has ended, or its reader wants what is held. */
  finish(): void {
    if (this.#heldLength > 0 && this.#parser !== undefined && this.failure === undefined)
      this.trace.note(
        `The input ends inside a record: its last ${this.#heldLength} bytes were left out.`,
        this.#position - this.#heldLength,
      );
    if (this.#parser === undefined) this.failure ??= unknownInput(this.#position === 0);
    try {
      this.#parser?.finish?.();
      this.#flows?.finish();
      this.#packets?.finish();
    } catch (error) {
      if (!(error instanceof LunascopeError)) throw error;
      this.failure ??= error;
    }
    if (this.#packets !== undefined && this.failure === undefined && this.trace.length + this.trace.notes.length === 0)
      this.trace.note(nothingIn(this.packets));
    if (this.trace.tasks.overflowed)
      this.trace.note('Too many tasks were open at once; the answers of some were not paired with their commands.');
    this.trace.finish();
  }

  #hold(chunk: Uint8Array, from: number, to: number): void {
    const needed = this.#heldLength + to - from;
    if (needed > this.#held.length) {
      const grown = new Uint8Array(Math.max(needed, this.#held.length * 2, 1 << 16));
      grown.set(this.#held.subarray(0, this.#heldLength));
      this.#held = grown;
    }
    this.#held.set(chunk.subarray(from, to), this.#heldLength);
    this.#heldLength = needed;
  }

  #feed(bytes: Uint8Array, from: number, to: number, offset: number): number {
    try {
      if (this.#parser === undefined) {
        if (to - from < SNIFF_LENGTH) return from;
        this.#parser = this.#choose(bytes.subarray(from, to));
      }
      return this.#parser.feed(bytes, from, to, offset);
    } catch (error) {
      if (!(error instanceof LunascopeError)) throw error;
      this.failure = error;
      this.trace.note(error.message);
      return to;
    }
  }

  #choose(first: Uint8Array): ContainerParser {
    const kind = sniffInput(first);
    if (kind === 'trace') return new TraceFileParser(this.trace);
    if (kind === undefined) throw unknownInput(false);
    const flows = new FlowTable(this.trace, this.#crc);
    let isFirst = true;
    const packets = new PacketReader((segment) => flows.handle(segment), {
      note: (text, at) => this.trace.note(text, at),
      setBase: (baseNs) => {
        this.trace.baseNs = baseNs;
      },
      remark: (text, isSecond) => {
        if (isSecond) {
          flows.remark = parseRemark(text);
          flows.connectionRemark = flows.remark === undefined ? parseConnectionRemark(text) : undefined;
        }
        if (!flows.isOwn) return;
        if (!isSecond || (flows.remark ?? flows.connectionRemark) === undefined) this.trace.isNoted = true;
      },
      section: (application, comment) => {
        flows.isOwn = application === APPLICATION;
        const said = flows.isOwn ? comment : '';
        // What one section says of itself, that it is safe to share for one, is not so of others.
        this.trace.isOwnExport = flows.isOwn && (isFirst || this.trace.isOwnExport);
        this.trace.exportComment = isFirst || said === this.trace.exportComment ? said : '';
        isFirst = false;
        if (flows.isOwn) this.trace.exportNames ??= new AddressNames();
      },
      name: (address, name) => (this.trace.exportNames ??= new AddressNames()).add(address, name),
    });
    this.#flows = flows;
    this.#packets = packets;
    return kind === 'pcap' ? new PcapParser(packets) : new PcapngParser(packets);
  }
}
