import t from 'tap'
import { oncePerKind } from '../../../../src/clients/display/faults.ts'
import { failure } from '../../../../src/platform/errors.ts'

const systemError = (code: string, message: string): Error => Object.assign(new Error(message), { code })

t.test('the first fault of each kind is told, whatever its words', async (t) => {
  const told: unknown[] = []
  const faults = oncePerKind((error) => told.push(error))
  const errors = [
    systemError('EIO', 'one'),
    systemError('EIO', 'two'),
    systemError('EPIPE', 'one'),
    new Error('odd'),
    new Error('odd'),
  ]
  for (const error of errors) faults.raise(error)
  t.same(told, [errors[0], errors[2], errors[3]])
})

t.test('a fault that comes back after what failed had worked is told again', async (t) => {
  const told: unknown[] = []
  const faults = oncePerKind((error) => told.push(error))
  faults.raise(systemError('EIO', 'one'))
  faults.over()
  faults.raise(systemError('EIO', 'two'))
  t.equal(told.length, 2)
})

t.test('our own faults are told apart by their words', async (t) => {
  const told: unknown[] = []
  const faults = oncePerKind((error) => told.push(error))
  for (const words of ['gone', 'not allowed', 'gone']) faults.raise(failure(words))
  t.equal(told.length, 2)
})
