/** What MQTT 3.1.1 forbids in a CONNECT and the parser of aedes lets pass. Who sends it is cut. */

interface Connect {
  readonly clientId: string
  readonly username?: string | undefined
  readonly password?: unknown
  readonly will?: { readonly qos?: number } | undefined
}

/** What is wrong with it, in words; null where nothing is. */
export function connectFault({ clientId, username, password, will }: Connect): string | null {
  if (clientId.includes('\0')) return 'a client id with a null character (1.5.3-2)'
  if ((will?.qos ?? 0) > 2) return 'a will of QoS 3 (3.1.2-14)'
  if (username === undefined && password !== undefined) return 'a password without a user name (3.1.2-22)'
  return null
}
