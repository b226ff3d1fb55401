/** The form that asks who looks at which crossing. */
import { NAME_RULE } from '../../protocol/topics.ts'
import type { Session } from '../session.ts'
import { html, setText } from './elements.ts'

/** What need not be typed. */
export interface Known {
  readonly username: string
  readonly crossing: string
}

export interface LogIn {
  readonly element: HTMLElement
  /** Says in words why it is shown, and waits for input. */
  say(words: string): void
}

/** As NAME_PATTERN of topics.ts, in the dialect of the attribute, which wants the dash escaped. */
const PATTERN = '[A-Za-z0-9_\\-]{1,64}'

export function createLogIn({ username: known, crossing }: Known, onSession: (session: Session) => void): LogIn {
  const field = (label: string, input: HTMLInputElement): HTMLElement => html('label', {}, label, input)
  const username = html('input', {
    name: 'username',
    value: known,
    autocomplete: 'username',
    required: true,
    autocapitalize: 'none',
  })
  const password = html('input', {
    name: 'password',
    type: 'password',
    autocomplete: 'current-password',
    required: true,
  })
  const name = html('input', { name: 'crossing', value: crossing, required: true, pattern: PATTERN, title: NAME_RULE })
  const button = html('button', { type: 'submit', class: 'primary' }, 'Log in')
  const words = html('p', { role: 'status', class: 'words' })
  const form = html(
    'form',
    { class: 'log-in card', 'aria-labelledby': 'log-in-title' },
    html('h1', { id: 'log-in-title' }, 'Crossing'),
    html('p', {}, 'Log in with a user of the broker: a viewer sees the crossing, an admin can also act on it.'),
    field('User', username),
    field('Password', password),
    field('Crossing', name),
    button,
    words,
  )
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    onSession({ username: username.value, password: password.value, crossing: name.value, isKey: false })
  })
  return {
    element: html('main', { class: 'log-in-page' }, form),
    say(text) {
      setText(words, text)
      const next = username.value === '' ? username : password
      next.focus()
    },
  }
}
