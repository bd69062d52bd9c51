import { checkFunction } from './filter.ts'
import { type Pull, type Stage, through } from './stage.ts'

/** The elements that can be made; those whose making throws are left out. */
export function ignoreErrors(source: Stage, onError: (error: unknown) => void): Stage {
  checkFunction(onError, 'ignoreErrors: onError')
  const open = (): Pull => {
    const pull = source.open()
    return through(pull, async (limit) => {
      for (;;) {
        try {
          return await pull.next(limit)
        } catch (error) {
          onError(error)
        }
      }
    })
  }
  return { spec: () => source.spec(), cardinality: 'unknown', cycle: undefined, open }
}
