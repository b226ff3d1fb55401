/** The library: a broker with its users, lights and controllers, each of which is started and disposed of. */
export { parseUsers, type User, type Users } from './broker/auth/users.ts'
export { type Broker, startBroker } from './broker/broker.ts'
export { type BrokerLimits, DEFAULT_LIMITS } from './broker/limits.ts'
export type { BrokerDependencies, BrokerOptions, HttpOptions, TlsOptions } from './broker/options.ts'
export {
  type ControllerDependencies,
  type ControllerOptions,
  type RunningController,
  startController,
} from './clients/controller/run.ts'
export type { Caption, Display } from './clients/display/display.ts'
export type { Frame, Rgb } from './clients/display/frame.ts'
export { type LightDependencies, type LightOptions, type RunningLight, startLight } from './clients/light/run.ts'
export type { Network } from './clients/link/network.ts'
export type { Clock } from './platform/clock.ts'
export { CrossingError, type ErrorCode } from './platform/errors.ts'
export type { Logger } from './platform/log.ts'
export type { Random } from './platform/random.ts'
export type { Aspect } from './protocol/aspect.ts'
export { type Crossing, DEMO_CROSSING, parseCrossing, type Stage } from './protocol/crossing.ts'
export { readCrossing } from './protocol/crossing-file.ts'
