import { expect, test } from 'vitest'
import { forAll } from '../../helpers/draws.ts'
import { calls, crash, functions, reached } from './fuzz.ts'

test('a public function returns what it says, or throws an error of this library', async () => {
  await forAll(
    calls,
    async (call) => {
      expect(await crash(call)).toBe(undefined)
    },
    20,
  )
})

test('nearly all public functions are called', () => {
  expect(reached.size).toBeGreaterThan(0.9 * functions.size)
})
