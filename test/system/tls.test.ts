/** The compiled program over TLS and HTTP: a crossing that never speaks plainly, and a broker that ends in time. */
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { LIGHTS, type Rig } from '../fixtures/crossing-rig.ts'
import { PASSWORD, writeUsers } from '../fixtures/crossing-users.ts'
import { type RunningProcess, runCrossing, startCrossing } from '../fixtures/processes.ts'
import { rigTest, SIDE_BY_SIDE } from '../fixtures/rig-test.ts'
import { nowMs } from '../fixtures/waiting.ts'

t.jobs = SIDE_BY_SIDE

const CERTIFICATE = ['--tls-cert', 'certs/server.crt', '--tls-key', 'certs/server.key']

async function makeCerts(t: Test, cwd: string, host: string): Promise<void> {
  const made = await runCrossing(['certs', 'certs', '--host', host], { cwd })
  t.same(made.ending, { code: 0, signal: null }, made.stderr)
}

const portOf = async (broker: RunningProcess, protocol: string): Promise<number> =>
  Number((await broker.logs('listening', (line) => line['protocol'] === protocol))['port'])

async function startTlsBroker(rig: Rig): Promise<string> {
  const argv = ['broker', '--host', rig.host, '--port', 'none', '--tls-port', '0', ...CERTIFICATE]
  return `mqtts://${rig.host}:${await portOf(rig.start(argv), 'mqtts')}`
}

rigTest(
  t,
  'a crossing runs over TLS alone; a light that does not know the authority stays out, and says why',
  async (t, rig) => {
    await makeCerts(t, rig.folder, rig.host)
    const url = await startTlsBroker(rig)
    const argv = ['--ca', 'certs/ca.crt']
    for (const light of LIGHTS) rig.startLight(light, { url, argv })
    rig.startController({ url, environment: { MQTT_CA: 'certs/ca.crt' } })
    await rig.runs()
    const stranger = rig.startLight('light1', { url, display: 'stranger' })
    const { kind, reason } = await stranger.logs('not_connected')
    t.equal(kind, 'untrusted')
    t.match(reason, '--ca')
    const mode = await runCrossing(['mode', '--url', url, ...argv], {
      cwd: rig.folder,
      environment: { MQTT_PASSWORD: PASSWORD },
    })
    t.equal(mode.stdout, 'auto\n')
    await rig.runs()
    rmSync(join(rig.folder, 'certs'), { recursive: true })
  },
  { running: false },
)

/** A broker with every listener, in a folder with certificates. */
async function wholeBroker(t: Test) {
  const cwd = t.testdir()
  writeUsers(join(cwd, 'users.json'))
  await makeCerts(t, cwd, 'broker.local')
  const ports = ['--port', '0', '--tls-port', '0', '--http-port', '0']
  const broker = startCrossing(['broker', ...ports, ...CERTIFICATE], { cwd })
  t.teardown(() => broker.kill())
  const [mqtt = 0, mqtts = 0, http = 0] = await Promise.all(
    ['mqtt', 'mqtts', 'http'].map((protocol) => portOf(broker, protocol)),
  )
  return { broker, cwd, mqtt, mqtts, http }
}

t.test('SIGTERM ends it within 5 s, whatever hangs on its listeners', { buffered: true }, async (t) => {
  const { broker, mqtt, mqtts, http } = await wholeBroker(t)
  const hanging = [mqtt, mqtts, http].map((port) => connectTcp(port, '127.0.0.1').on('error', () => {}))
  await Promise.all(hanging.map((socket) => once(socket, 'connect')))
  hanging[2]?.write('GET /healthz HTTP/1.1\r\nhost: a\r\n')
  const webSocket = new WebSocket(`ws://127.0.0.1:${http}/mqtt`, 'mqtt').on('error', () => {})
  await once(webSocket, 'open')
  webSocket.pause()
  t.equal((await fetch(`http://127.0.0.1:${http}/healthz/readiness`)).status, 200)
  const since = nowMs()
  broker.signal('SIGTERM')
  t.same(await broker.ended, { code: 0, signal: null })
  t.ok(nowMs() - since < 5000, `${nowMs() - since} ms`)
  webSocket.terminate()
  for (const socket of hanging) socket.destroy()
})

t.test('SIGHUP makes it take up a renewed certificate, and ends nothing', { buffered: true }, async (t) => {
  const { broker, cwd, mqtts } = await wholeBroker(t)
  await makeCerts(t, cwd, 'renewed.local')
  broker.signal('SIGHUP')
  await broker.logsTimes('certificate_read', 2)
  const ca = readFileSync(join(cwd, 'certs/ca.crt'))
  const socket = connectTls({ port: mqtts, host: '127.0.0.1', ca, servername: 'renewed.local' })
  await once(socket, 'secureConnect')
  socket.destroy()
  broker.signal('SIGTERM')
  t.same(await broker.ended, { code: 0, signal: null })
})
