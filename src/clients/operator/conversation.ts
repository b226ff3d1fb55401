/** An operator's command and the broker: about one topic, whose retained message tells what became of the wish. */
import { systemClock } from '../../platform/clock.ts'
import { failure } from '../../platform/errors.ts'
import { systemRandom } from '../../platform/random.ts'
import type { Access } from '../link/credentials.ts'
import type { PublishOptions } from '../link/link.ts'
import { openMqttLink } from '../link/mqtt-link.ts'
import { networkTo } from '../link/network.ts'

/** How long the broker may take to let the user in, ms: it may be a small board that has many to check. */
const LOGIN_MS_MAX = 20_000

/** How long it may take to answer what it was asked, ms. */
const ANSWER_MS_MAX = 5000

/** How long after its answer what it then sends may take, a retained message or what became of a wish, ms. */
const FOLLOWS_MS_MAX = 3000

/** What the command can do while it lasts. */
export interface Conversation<Result> {
  /** Asks for something that only the role `admin` may, and waits for what the topic then says. */
  publish(topic: string, payload: string, options?: Pick<PublishOptions, 'retain'>): void
  end(result: Result): void
  /** The reason is one sentence. */
  refuse(reason: string): void
}

export interface Course {
  /** Before any message: the broker has taken the subscription. */
  begin?(): void
  /** Every message on the topic. */
  hear(payload: Uint8Array): void
  /** Nothing is retained on the topic, and nothing was asked for. */
  hearNothing(): void
}

/** Resolves with what `courseOf` ends with. Throws `failed` where the broker cannot be reached, refuses or does not answer. */
export function converse<Result>(
  { url, username, password, ca }: Access,
  topic: string,
  courseOf: (conversation: Conversation<Result>) => Course,
): Promise<Result> {
  const network = networkTo(url, ca)
  return new Promise((resolve, reject) => {
    let cancel = (): void => {}
    const within = (ms: number, otherwise: () => void): void => {
      cancel()
      cancel = systemClock.after(ms, otherwise)
    }
    let isOver = false
    const end = (settle: () => void): void => {
      isOver = true
      cancel()
      void link.close().then(settle)
    }
    const refuse = (reason: string): void => end(() => reject(failure(reason)))
    const course = courseOf({
      publish(wish, payload, options) {
        const notTaken = (): void =>
          refuse(`nothing came of it: has user '${username}' the role admin for this crossing?`)
        within(ANSWER_MS_MAX, notTaken)
        const acknowledged = (): void => {
          if (!isOver) within(FOLLOWS_MS_MAX, notTaken)
        }
        link.publish(wish, payload, { ...options, qos: 1, acknowledged })
      },
      end: (result) => end(() => resolve(result)),
      refuse,
    })
    const hear = (payload: Uint8Array): void => {
      if (!isOver) course.hear(payload)
    }
    // A broker may send messages before it confirms their subscription (MQTT 3.1.1, 3.8.4), when nothing can be asked yet.
    let early: Uint8Array[] | null = []
    within(LOGIN_MS_MAX, () => refuse(`the broker at ${url} does not answer: try again`))
    const link = openMqttLink(
      {
        url,
        credentials: async () => ({ username, password: await password() }),
        subscriptions: [{ filter: topic, qos: 1 }],
        network,
        clock: systemClock,
        random: systemRandom,
      },
      {
        up() {
          within(FOLLOWS_MS_MAX, () => course.hearNothing())
          course.begin?.()
          for (const payload of early ?? []) hear(payload)
          early = null
        },
        down: ({ reason }) => refuse(reason),
        message(_, payload) {
          if (early === null) hear(payload)
          else early.push(payload)
        },
      },
    )
  })
}
