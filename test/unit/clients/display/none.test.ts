import t from 'tap'
import { openNone } from '../../../../src/clients/display/none.ts'
import { displayContract } from '../../../fixtures/display-contract.ts'

t.equal(openNone().kind, 'none')

displayContract(t, async () => ({
  open: openNone,
  reader: null,
  shows: () => true,
  framesToFill: 100,
  elsewhere: null,
}))
