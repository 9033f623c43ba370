import { crc32c } from '../../../core/bytes/index.ts';
import {
  TargetServer,
  type Connection,
  type ConnectionSink,
  type Portal,
  type ServerConfig,
  type TargetDefinition,
} from '../../../core/target/index.ts';
import { loginPdu, RawReader, rawPdu, type RawFields, type SeenPdu } from '../../support/raw-pdu.ts';

export const TARGET_NAME = 'iqn.2026-01.org.lunascope.test:disk';
export const INITIATOR_NAME = 'iqn.2026-01.org.lunascope.test:raw';
export const PORTAL: Portal = { host: '127.0.0.1', port: 3260, groupTag: 1 };

/** A server in memory with a clock of its own. */
export function makeServer(
  targets: readonly Partial<TargetDefinition>[],
  config: Partial<ServerConfig> = {},
): TargetServer {
  const server = new TargetServer({
    environment: {
      random: (length) => new Uint8Array(length).fill(0x5a),
      chapDigest: () => new Uint8Array(16),
      crc32c,
    },
    powerOnUnitAttention: false,
    ...config,
  });
  server.portals.push(PORTAL);
  for (const target of targets) server.addTarget({ name: TARGET_NAME, luns: [], ...target });
  return server;
}

/** An initiator without any manners of its own: it sends what the test says and keeps what comes back. */
export class RawInitiator implements ConnectionSink {
  readonly seen: SeenPdu[] = [];
  readonly connection: Connection;
  queuedBytes = 0;
  ended = false;
  destroyed = false;
  itt = 0;
  cmdSn = 1;
  tsih = 0;
  readonly #server: TargetServer;
  readonly #reader = new RawReader();

  constructor(server: TargetServer, portal: Portal = PORTAL) {
    this.#server = server;
    const origin = { remoteAddress: '127.0.0.1', remotePort: 40000, localAddress: '127.0.0.1', portal };
    const connection = server.accept(origin, this, server.now);
    if (connection === undefined) throw new Error('The server took no more connections.');
    this.connection = connection;
  }

  get closed(): boolean {
    return this.ended || this.destroyed;
  }

  send(bytes: Uint8Array): void {
    this.seen.push(...this.#reader.add(bytes));
  }

  end(): void {
    this.ended = true;
  }

  destroy(): void {
    this.destroyed = true;
  }

  /** Sends bytes as they are and returns what came back at once. */
  raw(bytes: Uint8Array): SeenPdu[] {
    const before = this.seen.length;
    this.connection.receive(bytes, this.#server.now);
    return this.seen.slice(before);
  }

  pdu(fields: RawFields): SeenPdu[] {
    return this.raw(rawPdu(fields));
  }

  /** Logs in in one PDU, straight into the operational stage. */
  login(keys: Readonly<Record<string, string>> = {}, fields: Parameters<typeof loginPdu>[1] = {}): SeenPdu[] {
    const identity = { InitiatorName: INITIATOR_NAME, SessionType: 'Normal', TargetName: TARGET_NAME };
    const named = keys['SessionType'] === 'Discovery' ? { InitiatorName: INITIATOR_NAME } : identity;
    const answers = this.raw(loginPdu({ ...named, ...keys }, { cmdSn: this.cmdSn, ...fields }));
    const last = answers.at(-1);
    if (last?.opcode === 0x23) this.tsih = new DataView(last.bytes.buffer, last.bytes.byteOffset).getUint16(14);
    return answers;
  }

  /** Logs in and fails where that fails. */
  loggedIn(keys: Readonly<Record<string, string>> = {}, fields: Parameters<typeof loginPdu>[1] = {}): this {
    const last = this.login(keys, fields).at(-1);
    const status = last === undefined ? -1 : (last.words[4] ?? 0) >>> 16;
    if (last?.opcode !== 0x23 || status !== 0) throw new Error(`Login ended with status ${status.toString(16)}.`);
    return this;
  }

  /** A SCSI command; flags are F, R, W and the attribute. */
  command(
    cdb: readonly number[],
    options: {
      readonly flags?: number;
      readonly expected?: number;
      readonly lun?: number;
      readonly data?: Uint8Array;
      readonly immediate?: boolean;
      readonly itt?: number;
      readonly cmdSn?: number;
      readonly expStatSn?: number;
    } = {},
  ): SeenPdu[] {
    const { flags = 0x80, expected = 0, lun = 0, data, immediate = false, expStatSn = 0 } = options;
    this.itt = options.itt ?? this.itt + 1;
    const cmdSn = options.cmdSn ?? this.cmdSn;
    if (options.cmdSn === undefined && !immediate) this.cmdSn += 1;
    return this.pdu({
      opcode: 0x01,
      immediate,
      flags,
      lun,
      itt: this.itt,
      words: [expected, cmdSn, expStatSn],
      cdb,
      ...(data === undefined ? {} : { data }),
    });
  }

  /** READ(10). */
  read(
    lba: number,
    blocks: number,
    options: Parameters<RawInitiator['command']>[1] & { readonly blockSize?: number } = {},
  ): SeenPdu[] {
    const expected = options.expected ?? blocks * (options.blockSize ?? 512);
    return this.command(
      [0x28, 0, lba >>> 24, (lba >> 16) & 255, (lba >> 8) & 255, lba & 255, 0, blocks >> 8, blocks & 255, 0],
      {
        flags: 0xc0,
        ...options,
        expected,
      },
    );
  }

  /** WRITE(10); what comes as immediate data is in `options.data`. */
  write(lba: number, blocks: number, options: Parameters<RawInitiator['command']>[1] = {}): SeenPdu[] {
    const cdb = [0x2a, 0, lba >>> 24, (lba >> 16) & 255, (lba >> 8) & 255, lba & 255, 0, blocks >> 8, blocks & 255, 0];
    return this.command(cdb, { flags: 0xa0, expected: blocks * 512, ...options });
  }

  /** A Data-Out. */
  dataOut(itt: number, ttt: number, dataSn: number, offset: number, data: Uint8Array, final: boolean): SeenPdu[] {
    return this.pdu({ opcode: 0x05, flags: final ? 0x80 : 0, itt, words: [ttt, 0, 0, 0, dataSn, offset], data });
  }

  /** A task management request, immediate. */
  manage(
    code: number,
    options: {
      readonly lun?: number;
      readonly referenced?: number;
      readonly refCmdSn?: number;
      readonly expDataSn?: number;
    } = {},
  ): SeenPdu[] {
    this.itt += 1;
    return this.pdu({
      opcode: 0x02,
      immediate: true,
      flags: 0x80 | code,
      lun: options.lun ?? 0,
      itt: this.itt,
      words: [options.referenced ?? 0xffffffff, this.cmdSn, 0, options.refCmdSn ?? 0, options.expDataSn ?? 0],
    });
  }
}

/** Sense key, code and qualifier of a SCSI Response. */
export function senseOf(pdu: SeenPdu | undefined): readonly [key: number, asc: number, ascq: number] | undefined {
  if (pdu === undefined || pdu.data.length < 20) return undefined;
  return [(pdu.data[4] ?? 0) & 15, pdu.data[14] ?? 0, pdu.data[15] ?? 0];
}

/** Lets promises go on that are already settled. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
}

/** The data of the Data-In PDUs, put together by their buffer offsets. */
export function dataOf(pdus: readonly SeenPdu[]): Uint8Array {
  const parts = pdus.filter(({ opcode }) => opcode === 0x25);
  const size = parts.reduce((most, { words, data }) => Math.max(most, (words[5] ?? 0) + data.length), 0);
  const bytes = new Uint8Array(size);
  for (const { words, data } of parts) bytes.set(data, words[5] ?? 0);
  return bytes;
}
