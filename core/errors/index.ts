export { ERROR_CODES, type ErrorCode } from './codes.ts';
export {
  AuthError,
  CancelledError,
  LoginError,
  LunascopeError,
  ProtocolError,
  ScsiError,
  TaskError,
  TimeoutError,
  TransportError,
  UsageError,
  type ErrorDetails,
  type ErrorOptions,
} from './errors.ts';
