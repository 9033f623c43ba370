export type { AsyncEvent } from './iscsi/async-message.ts';
export { TargetServer } from './iscsi/server.ts';
export type { Connection } from './iscsi/connection.ts';
export type { Target } from './iscsi/target.ts';
export {
  DEFAULT_LIMITS,
  type ConnectionOrigin,
  type ConnectionSink,
  type KeepAlive,
  type LunMapping,
  type Portal,
  type ServerConfig,
  type ServerEnvironment,
  type ServerEvent,
  type ServerLimits,
  type ServerListener,
  type SessionInfo,
  type TargetDefinition,
} from './iscsi/types.ts';
export * from './store/index.ts';
export { ACCESS_STATES, type AccessState, type PortGroup } from './unit/alua.ts';
export { LogicalUnit, type UnitIdentity, type UnitOptions } from './unit/logical-unit.ts';
export { UNIT_ATTENTIONS, type UnitAttention } from './unit/unit-attention.ts';
