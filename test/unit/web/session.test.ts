import t from 'tap'
import { crossingIn, parseSession, sessionIn } from '../../../src/web/session.ts'

t.test('an address with a key is a session of its own', async (t) => {
  t.strictSame(sessionIn({ hash: '#key=demo-1-visitor:a%3Ab+c', search: '?crossing=four-arm' }), {
    username: 'demo-1-visitor',
    password: 'a:b c',
    crossing: 'four-arm',
    isKey: true,
  })
})

t.test('an address without one, or with half of one, is none', async (t) => {
  for (const hash of ['', '#', '#key=', '#key=name', '#key=:x', '#other=a:b']) {
    t.equal(sessionIn({ hash, search: '' }), null, hash)
  }
})

t.test('the crossing is the one that the address names, where that is a name', async (t) => {
  t.equal(crossingIn('?crossing=uk-two-way'), 'uk-two-way')
  t.equal(crossingIn(''), 'demo')
  t.equal(crossingIn('?crossing=a/%23'), 'demo')
})

t.test('a session that was kept is read again; anything else is none', async (t) => {
  const session = { username: 'eva', password: 'p', crossing: 'demo', isKey: false }
  t.strictSame(parseSession(JSON.stringify(session)), session)
  for (const text of [null, '', '{', 'null', '7', '{}', JSON.stringify({ ...session, crossing: 'a/b' })]) {
    t.equal(parseSession(text), null, `${text}`)
  }
})
