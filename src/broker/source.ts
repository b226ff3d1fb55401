/** Whom a connection is counted for. */
import { isIPv6 } from 'node:net'

/**
 * The machine behind `address`, which is a host and a port: the host alone. Of IPv6 it is the network of 64 bits, since
 * a machine has all addresses of its own. What is no address, such as `this process`, stands for itself.
 */
export function sourceOf(address: string): string {
  const host = address.replace(/:\d+$/, '')
  if (!isIPv6(host)) return host
  const mapped = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(host)?.[1]
  return mapped ?? `${networkOf(host)}::/64`
}

/** The first four of eight groups. Source: RFC 4291, 2.2: `::` stands for as many groups of zeros as are missing. */
function networkOf(host: string): string {
  const [left = [], right = []] = host.split('::').map((half) => half.split(':').filter((group) => group !== ''))
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0')
  return [...left, ...zeros, ...right].slice(0, 4).join(':')
}
