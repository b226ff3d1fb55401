/** What a light of real processes is seen on. */
import t, { type Test } from 'tap'
import { PASSWORD } from '../fixtures/crossing-users.ts'
import { ownAddress } from '../fixtures/own-address.ts'
import { lampsOf, type RunningProcess, type StartOptions, signalIfAlive, startCrossing } from '../fixtures/processes.ts'
import { openTerminalReader } from '../fixtures/readers.ts'
import { rigTest, SIDE_BY_SIDE } from '../fixtures/rig-test.ts'
import { untilTrue } from '../fixtures/waiting.ts'

t.jobs = SIDE_BY_SIDE

const TERMINAL = { TERM: 'xterm', NO_COLOR: '1', MQTT_PASSWORD: PASSWORD }

/** A light without a broker, which flashes. */
function startLight(t: Test, argv: readonly string[], options: StartOptions = {}): RunningProcess {
  // An address of its own: by it lamps know whether they are those of one light.
  const url = `mqtt://${ownAddress(t.name)}:1`
  const light = startCrossing(['light', 'light1', '--url', url, ...argv], { environment: TERMINAL, ...options })
  t.teardown(async () => {
    const lamps = lampsOf(light.pid)
    await light.kill()
    for (const { pid } of [...lamps, ...lampsOf(light.pid)]) signalIfAlive(pid, 'SIGKILL')
  })
  return light
}

t.test('without --display it takes the first that there is, and says so', { buffered: true }, async (t) => {
  const light = startLight(t, [])
  t.match(await light.logs('display_chosen'), { light: 'light1', display: /^(?:sense-hat|emulator|terminal)$/ })
  await light.logs('display_held')
})

t.test('frames are written to whichever descriptor was named', { buffered: true }, async (t) => {
  for (const fd of [3, 5]) {
    const stdio: ('ignore' | 'pipe')[] = ['ignore', 'pipe', 'pipe']
    while (stdio.length <= fd) stdio.push(stdio.length === fd ? 'pipe' : 'ignore')
    const light = startLight(t, ['--display', `frames:${fd}`], { stdio })
    let text = ''
    const stream = [...light.child.stdio][fd]
    if (stream === undefined || stream === null || !('read' in stream)) throw new Error(`no pipe at ${fd}`)
    stream.on('data', (bytes: Buffer) => {
      text += bytes.toString()
    })
    await untilTrue(`frames on ${fd}`, () => text.includes('"aspect":"flashing-red"'))
    t.match(JSON.parse(text.split('\n')[0] ?? ''), { light: 'light1', aspect: 'red' })
    t.notMatch(light.stderr, 'display_fault')
    light.signal('SIGTERM')
    t.match(await light.ended, { code: 0 })
  }
})

/** What a terminal was told to scroll, in order. */
const scrollRegions = (received: string): string[] =>
  received.split('\x1b[').flatMap((sequence) => {
    const rows = /^([\d;]*)r/.exec(sequence)?.[1]
    return rows === undefined ? [] : [rows === '' ? 'all' : rows]
  })

for (const signal of ['SIGTERM', 'SIGHUP', 'SIGKILL', 'SIGABRT'] as const) {
  t.test(`a light that is ended by ${signal} gives its whole terminal back`, { buffered: true }, async (t) => {
    const reader = await openTerminalReader(t)
    if (reader === null) return
    const light = startLight(t, ['--display', 'terminal'], { stdio: ['ignore', reader.fd, 'pipe'] })
    await reader.until((received) => received.includes('flashing red'))
    const [lamp] = lampsOf(light.pid)
    if (lamp === undefined) throw new Error('there is no lamp')
    signalIfAlive(lamp.pid, 'SIGKILL')
    // A lamp that was killed itself changes nothing: the next one draws in its place.
    await light.logs('lamp_died')
    await untilTrue('another lamp', () => lampsOf(light.pid).some(({ pid }) => pid !== lamp.pid))
    await light.logsTimes('display_held', 2)
    light.signal(signal)
    await reader.until((received) => scrollRegions(received).at(-1) === 'all')
    t.pass('no rows are kept from scrolling')
  })
}

rigTest(
  t,
  'the panel is drawn as it was asked for',
  async (t, rig) => {
    const reader = await openTerminalReader(t)
    if (reader === null) return
    await rig.reservePort()
    rig.startLight('light1', {
      argv: ['--display', 'terminal', '--face', 'lamp', '--rotate', '180'],
      stdio: ['ignore', reader.fd, 'pipe'],
      environment: TERMINAL,
    })
    rig.startLight('light2')
    rig.startController()
    await rig.startBroker()
    await reader.until((received) => received.includes('  . . G G G G . . '))
    t.match(reader.received(), 'broker      connected')
  },
  { running: false },
)
