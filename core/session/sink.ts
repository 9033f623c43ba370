import { readU32 } from '../bytes/index.ts';
import { ProtocolError } from '../errors/index.ts';
import { OPCODES, type PduSink } from '../pdu/index.ts';
import type { Connection } from './connection.ts';
import type { SessionCore } from './core.ts';
import { placeDataIn } from './receive-data.ts';
import { recoverDamaged } from './snack.ts';

/** Takes a whole PDU of a connection, as a framer hands it on. */
export type PduHandler = (
  connection: Connection,
  bytes: Uint8Array,
  at: number,
  ahsLength: number,
  data: Uint8Array,
  wireAt: number,
) => void;

/** Joins a connection's framer to its session: Data-In goes where its task wants it, whole PDUs go to `handlePdu`. */
export function sessionSink(core: SessionCore, get: () => Connection, handlePdu: PduHandler): PduSink {
  return {
    placeData: (bytes, at, _ahsLength, length) => {
      const connection = get();
      if (((bytes[at] as number) & 0x3f) !== OPCODES.dataIn || connection.phase !== 'full') return undefined;
      return placeDataIn(core, connection, bytes, at, length);
    },
    handlePdu: (bytes, at, ahsLength, data, wireAt) => {
      handlePdu(get(), bytes, at, ahsLength, data, wireAt);
    },
    handleDataDigestError: (bytes, at, ahsLength, data) => {
      const connection = get();
      if (core.connections.get(connection.id) !== connection) return;
      connection.tapIncoming(bytes, at, ahsLength, data, -1, 'data');
      const opcode = (bytes[at] as number) & 0x3f;
      if (recoverDamaged(core, connection, opcode, readU32(bytes, at + 16))) return;
      throw new ProtocolError('PROTOCOL_DIGEST', 'A data digest was wrong: the data was damaged on its way.', {
        retryable: true,
        details: { digest: 'data', opcode },
      });
    },
    handleRefused: (bytes, at, ahsLength, data, damage) => {
      const connection = get();
      if (core.connections.get(connection.id) === connection)
        connection.tapIncoming(bytes, at, ahsLength, data, -1, damage);
    },
  };
}
