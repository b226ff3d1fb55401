import t from 'tap'
import { knownDisplay } from '../../../../src/clients/light/known-display.ts'
import { RecordingLogger } from '../../../fixtures/broker-pair.ts'

t.test('a display that was named is taken, and nothing said of it', async (t) => {
  const logger = new RecordingLogger()
  t.equal(knownDisplay('none', 'light1', logger), 'none')
  t.strictSame(logger.lines, [])
})

t.test('of auto the log says which, and why not the others', async (t) => {
  const logger = new RecordingLogger()
  const display = knownDisplay('auto', 'light1', logger)
  t.match(logger.of('display_chosen'), [{ light: 'light1', display }])
  t.match(display, /^(?:sense-hat|emulator|terminal)$/)
})
