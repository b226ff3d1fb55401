/** Asks a broker: may this user log in, and may it be a light? */
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Refusal } from '../clients/link/link.ts'
import { type MqttLinkOptions, openMqttLink } from '../clients/link/mqtt-link.ts'
import type { Clock } from '../platform/clock.ts'
import { firstAnswer } from '../platform/machine-facts.ts'
import { crossingTopic, lightTopic } from '../protocol/topics.ts'

/** How long a broker may take to answer, ms. */
const ANSWER_MS_MAX = 5000

/** How long a retained message may take to follow its subscription, ms. */
const RETAINED_MS_MAX = 500

export type ProbeOptions = Omit<MqttLinkOptions, 'subscriptions' | 'will'>

/** Why something is not to be had; `silent`: there is no answer. */
export interface Denial {
  readonly kind: Refusal['kind'] | 'silent'
  readonly reason: string
}

/** Null, or why the log-in is refused. */
export const tryLogIn = (options: ProbeOptions): Promise<Denial | null> =>
  ask(options, [], (_, allowed) => {
    allowed()
    return () => {}
  })

/**
 * Subscribes to what a light reads, and says again on its `aspect` topic what stands there, or `offline`, which is true
 * of a light that never ran. Null, or what is refused.
 */
export function tryTopics(
  options: ProbeOptions,
  { crossing, light, username }: { readonly crossing: string; readonly light: string; readonly username: string },
): Promise<Denial | null> {
  const aspect = lightTopic(crossing, light, 'aspect')
  const subscriptions = [
    { filter: aspect, qos: 1 },
    { filter: lightTopic(crossing, light, 'command'), qos: 0 },
    { filter: crossingTopic(crossing, 'plan'), qos: 0 },
  ] as const
  const silence = `the broker does not let user '${username}' publish to ${aspect}`
  return ask(
    options,
    subscriptions,
    (publish, allowed) => {
      let said = false
      const say = (payload: string): void => {
        said = true
        publish(aspect, payload)
      }
      options.clock.after(RETAINED_MS_MAX, () => said || say('offline'))
      return (topic, payload) => {
        if (topic !== aspect) return
        if (said) allowed()
        else say(payload)
      }
    },
    silence,
  )
}

type Publish = (topic: string, payload: string) => void
type Receive = (topic: string, payload: string) => void

/** Connects once. `converse` begins when it is up, and says that all is allowed; else `silence` is the answer. */
function ask(
  options: ProbeOptions,
  subscriptions: MqttLinkOptions['subscriptions'],
  converse: (publish: Publish, allowed: () => void) => Receive,
  silence = 'the broker does not answer',
): Promise<Denial | null> {
  return new Promise((resolve) => {
    let receive: Receive = () => {}
    const end = (answer: Denial | null): void => {
      cancel()
      void link.close().then(() => resolve(answer))
    }
    const cancel = options.clock.after(ANSWER_MS_MAX, () => end({ kind: 'silent', reason: silence }))
    const link = openMqttLink(
      { ...options, subscriptions },
      {
        up() {
          const publish: Publish = (topic, payload) => void link.publish(topic, payload, { qos: 1, retain: true })
          receive = converse(publish, () => end(null))
        },
        down: end,
        message: (topic, payload) => receive(topic, Buffer.from(payload).toString()),
      },
    )
  })
}

/** A CONNECT of MQTT 3.1.1 from nobody, which a broker answers with a CONNACK, whatever it thinks of it. */
const CONNECT = Buffer.from([0x10, 0x0c, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 10, 0, 0])
const CONNACK_TYPE = 0x20

const HEALTH = Buffer.from('GET /healthz/readiness HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')

export type Protocol = 'TCP' | 'TLS' | 'HTTP'

/** Whether a broker answers there: over HTTP this one, else any. */
export async function isBroker(
  clock: Clock,
  protocol: Protocol,
  target: { readonly host: string; readonly port: number },
): Promise<boolean> {
  if (protocol === 'HTTP') {
    const answer = await firstAnswer(clock, () => connect(target), HEALTH)
    return answer.includes('"ready":')
  }
  // It is asked what it is, and told nothing: who vouches for it is no matter.
  const open = protocol === 'TCP' ? () => connect(target) : () => connectTls({ ...target, rejectUnauthorized: false })
  const answer = await firstAnswer(clock, open, CONNECT)
  return answer[0] === CONNACK_TYPE
}
