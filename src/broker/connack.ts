/**
 * Why a CONNECT is refused, as its CONNACK says it. Source: MQTT 3.1.1, table 3.1. Named here, since those that aedes
 * declares are an ambient enum, which exists in no program.
 */
export const CONNACK = {
  identifierRejected: 2,
  serverUnavailable: 3,
  badUserNameOrPassword: 4,
  notAuthorized: 5,
} as const

export type ConnackCode = (typeof CONNACK)[keyof typeof CONNACK]

/** How aedes takes a refusal: an error with the code that it then sends. */
export const connackError = ({ code, reason }: { readonly code: ConnackCode; readonly reason: string }) =>
  Object.assign(new Error(reason), { returnCode: code })
