import t from 'tap'
import {
  type LightEffect,
  type LightEvent,
  type LightState,
  NEW_LIGHT,
  REPEAT_MS,
  stepLight,
} from '../../../../src/clients/light/light.ts'
import type { Aspect } from '../../../../src/protocol/aspect.ts'

const STALE_MS = 1000

/** A light on its own line of time. */
class Light {
  state: LightState = NEW_LIGHT
  nowMs = 0

  take(event: LightEvent): readonly LightEffect[] {
    const [next, effects] = stepLight({ staleMs: STALE_MS }, this.state, event, this.nowMs)
    this.state = next
    return effects
  }

  after(ms: number): this {
    this.nowMs += ms
    return this
  }

  reports = (aspect: Aspect, boot = 'own') => this.take({ kind: 'reported', boot, aspect })
  reads = (text: string) => this.take({ kind: 'read', text })
  commanded = (boot: string) => this.take({ kind: 'commanded', boot })
  tick = () => this.take({ kind: 'tick' })

  /** Commanded as boot `boot` every 200 ms for `ms`; all that comes of it. */
  commandedFor(ms: number, boot: (at: number) => string): readonly LightEffect[] {
    const effects: LightEffect[] = []
    for (let passed = 0; passed < ms; passed += 200) effects.push(...this.after(200).commanded(boot(passed)))
    return effects
  }
}

function connected(aspect: Aspect = 'red'): Light {
  const light = new Light()
  light.reports(aspect)
  light.take({ kind: 'connected' })
  return light
}

const publishes = (aspect: Aspect): LightEffect[] => [{ kind: 'publish-aspect', aspect }]
const nothing: LightEffect[] = []

t.test('it says nothing before it is connected, and nothing before its lamp reports', async (t) => {
  const light = new Light()
  t.strictSame(light.reports('red'), nothing)
  t.strictSame(light.tick(), nothing)
  t.strictSame(light.take({ kind: 'connected' }), publishes('red'))
  const early = new Light()
  t.strictSame(early.take({ kind: 'connected' }), nothing)
  t.strictSame(early.reports('red'), publishes('red'))
})

t.test('each change is published once, at once', async (t) => {
  const light = connected()
  t.strictSame(light.reports('red'), nothing)
  t.strictSame(light.reports('green'), publishes('green'))
  t.strictSame(light.reports('green'), nothing)
  t.strictSame(light.reports('amber'), publishes('amber'))
  t.strictSame(light.reports('red'), publishes('red'))
})

t.test('its own words coming back are no reason to repeat them', async (t) => {
  const light = connected()
  light.reads('red')
  t.strictSame(light.after(10 * REPEAT_MS).tick(), nothing)
})

t.test('a lie on its topic is corrected, at most once a second', async (t) => {
  const light = connected('green')
  t.strictSame(light.after(REPEAT_MS - 1).reads('offline'), nothing, 'not yet')
  t.strictSame(light.after(1).tick(), publishes('green'))
  t.strictSame(light.after(REPEAT_MS - 1).tick(), nothing)
  t.strictSame(light.after(1).tick(), publishes('green'), 'until it reads the truth')
  light.reads('green')
  t.strictSame(light.after(10 * REPEAT_MS).tick(), nothing)
  t.strictSame(light.reads('offline'), publishes('green'), 'at once where it was silent for long')
})

t.test('a lie is corrected though an old message of the truth, sent again, came after it', async (t) => {
  const light = connected('green')
  t.strictSame(light.after(100).reads('offline'), nothing, 'not yet')
  t.strictSame(light.reads('green'), nothing)
  t.strictSame(light.after(REPEAT_MS - 100).tick(), publishes('green'))
  light.reads('green')
  t.strictSame(light.after(10 * REPEAT_MS).tick(), nothing, 'once')
})

for (const text of ['', 'offline', 'RED', 'red ', 'green', '\0'.repeat(1000)]) {
  t.test(`${JSON.stringify(text.slice(0, 10))} is a lie about red`, async (t) => {
    t.strictSame(connected().after(REPEAT_MS).reads(text), publishes('red'))
  })
}

t.test('a flood of lies is answered once a second, and changes are not held up by it', async (t) => {
  const light = connected('red')
  let answers = 0
  for (let ms = 0; ms < 5000; ms += 10) answers += light.after(10).reads('offline').length
  t.equal(answers, 5)
  t.strictSame(light.after(10).reports('green'), publishes('green'))
})

t.test('a new connection gets the truth at once, whatever was said on the last', async (t) => {
  const light = connected('green')
  light.take({ kind: 'disconnected' })
  t.strictSame(light.reports('amber'), nothing)
  t.strictSame(light.reads('offline'), nothing)
  t.strictSame(light.after(10_000).tick(), nothing)
  t.strictSame(light.take({ kind: 'connected' }), publishes('amber'))
  t.strictSame(light.after(10_000).tick(), nothing, 'what the last one read is forgotten')
})

t.test('while commands name another boot it is silent, and says so once that lasts', async (t) => {
  const light = connected()
  const effects = light.commandedFor(3 * STALE_MS + 200, () => 'other')
  t.strictSame(effects, [], 'not said at first')
  t.strictSame(light.after(200).commanded('other'), [{ kind: 'another-light', boot: 'other' }])
  t.strictSame(
    light.commandedFor(10 * STALE_MS, () => 'other'),
    [],
    'said once',
  )
  t.strictSame(light.reports('flashing-red'), nothing)
  t.strictSame(light.reads('offline'), nothing)
})

t.test('it speaks again once the other is commanded no more, or it is commanded itself', async (t) => {
  const light = connected()
  light.commanded('other')
  t.strictSame(light.reports('flashing-red'), nothing)
  t.strictSame(light.after(STALE_MS).tick(), nothing)
  t.strictSame(light.after(1).tick(), publishes('flashing-red'))
  light.commanded('other')
  light.reports('red')
  t.strictSame(light.commanded('own'), publishes('red'))
})

t.test('another that comes back later is said again', async (t) => {
  const light = connected()
  const lasting = 4 * STALE_MS
  t.equal(light.commandedFor(lasting, () => 'other').length, 1)
  light.after(2 * STALE_MS).tick()
  t.equal(light.commandedFor(lasting, () => 'other').length, 1)
})

t.test('several others are one trouble, said once', async (t) => {
  const light = connected()
  const effects = light.commandedFor(20 * STALE_MS, (at) => (at % 400 === 0 ? 'other' : 'third'))
  t.equal(effects.length, 1)
})

t.test('commands to an earlier boot of its own are late, not another light', async (t) => {
  const light = connected()
  light.reports('red', 'second')
  t.strictSame(
    light.commandedFor(10 * STALE_MS, () => 'own'),
    [],
  )
  t.strictSame(light.reports('flashing-red', 'second'), publishes('flashing-red'))
})

t.test('a restart of its own process is over before it is taken for another light', async (t) => {
  const light = connected()
  const effects = light.commandedFor(STALE_MS + 400, () => 'before the restart')
  t.strictSame(effects, [])
  t.strictSame(light.reports('green'), nothing)
  t.strictSame(light.commanded('own'), publishes('green'))
})

t.test('an earlier boot neither ends nor begins a silence', async (t) => {
  const light = connected()
  light.reports('red', 'second')
  light.commanded('other')
  light.commanded('own')
  t.strictSame(light.reports('green', 'second'), nothing)
})

t.test('of its own boots it remembers the last sixteen', async (t) => {
  const light = connected()
  for (let boot = 1; boot <= 1000; boot++) light.reports('red', `boot ${boot}`)
  t.equal(light.state.ownBoots.length, 16)
  t.equal(light.state.ownBoots.at(-1), 'boot 1000')
  t.strictSame(light.commanded('boot 990'), nothing)
  t.equal(light.state.another, null)
  light.commanded('boot 1')
  t.not(light.state.another, null)
})

t.test('an event that there is not changes nothing', async (t) => {
  const light = connected()
  const before = light.state
  // @ts-expect-error: no such event
  t.throws(() => light.take({ kind: 'trip' }), TypeError)
  t.equal(light.state, before)
})

t.test('a lamp that nobody can see is offline, until it reports again', async (t) => {
  const light = connected('green')
  const offline = { kind: 'publish-aspect', aspect: 'offline' } as const
  t.strictSame(light.take({ kind: 'unseen' }), [offline])
  t.strictSame(light.tick(), nothing)
  t.strictSame(light.after(REPEAT_MS).reads('green'), [offline], 'the truth is repeated')
  t.strictSame(light.reports('red', 'next'), publishes('red'))
})
