/** The form that asks who looks at which crossing. */
import { NAME_PATTERN, NAME_RULE } from '../../protocol/topics.ts'
import type { Session } from '../session.ts'
import { html, setText } from './elements.ts'

export interface LogIn {
  readonly element: HTMLElement
  /** Says in words why it is shown, or what goes on. */
  say(words: string, isBusy: boolean): void
}

export function createLogIn(crossing: string, onSession: (session: Session) => void): LogIn {
  const field = (label: string, input: HTMLInputElement): HTMLElement => html('label', {}, label, input)
  const username = html('input', { name: 'username', autocomplete: 'username', required: true, autocapitalize: 'none' })
  const password = html('input', {
    name: 'password',
    type: 'password',
    autocomplete: 'current-password',
    required: true,
  })
  const pattern = NAME_PATTERN.source.slice(1, -1)
  const name = html('input', { name: 'crossing', value: crossing, required: true, pattern, title: NAME_RULE })
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
    say(text, isBusy) {
      setText(words, text)
      button.disabled = isBusy
      if (isBusy) return
      password.value = ''
      const next = username.value === '' ? username : password
      next.focus()
    },
  }
}
