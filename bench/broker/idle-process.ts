/** Many connections that log in and then do nothing, in a process of their own. */
import { ACCEPTED, login } from './raw-mqtt.ts'

/** Log-ins under way at a time. */
const AT_ONCE = 50

const [port = '', user = '', password = '', count = ''] = process.argv.slice(2)

process.once('disconnect', () => process.exit())
for (let left = Number(count); left > 0; left -= AT_ONCE) {
  const attempts = Array.from({ length: Math.min(AT_ONCE, left) }, () => login({ port: Number(port), user, password }))
  for (const { code } of await Promise.all(attempts))
    if (code !== ACCEPTED) throw new Error(`refused with code ${code}`)
}
process.send?.('ready')
