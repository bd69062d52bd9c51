import { evalShape, type NDArray, type Operand } from '@cotangent/autodiff'
import { isFloat, shapesEqual, showShape } from '@cotangent/autodiff/array'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { Simulator } from '../information/simulate.ts'
import { attempt, type Checked, show, wrong } from './checks.ts'
import { abstractArray } from './network.ts'
import { checkPoint, type Sizes } from './sizes.ts'

/** That the simulator of some options makes one simulation from a key and parameters. */
export const checkSimulator = (
  options: Sizes & { readonly thetaFid: Operand; readonly simulator: unknown },
): Checked<Simulator> =>
  pipe(
    checkPoint(options),
    E.chain(({ sizes, thetaFid }) => checkMaker(options.simulator, sizes, thetaFid)),
  )

function checkMaker(simulator: unknown, { inputShape }: Sizes, thetaFid: NDArray): Checked<Simulator> {
  if (typeof simulator !== 'function')
    return wrong('simulator', `must be a function (key, theta) → simulation, not ${show(simulator)}`)
  const traced = attempt('simulator', 'it failed for a key and thetaFid', () =>
    evalShape(simulator as Simulator, abstractArray([2], 'uint32') as never, thetaFid),
  )
  return pipe(
    traced,
    E.chain((made: Partial<NDArray>): Checked<Simulator> => {
      const { shape, dtype } = made
      if (!Array.isArray(shape) || dtype === undefined)
        return wrong('simulator', 'must give one array, a simulation; give back what the network is to see')
      if (!shapesEqual(shape, inputShape))
        return wrong('simulator', `makes shape ${showShape(shape)} where inputShape is ${showShape(inputShape)}`)
      if (!isFloat(dtype))
        return wrong(
          'simulator',
          `makes ${dtype}, which has no derivatives; compute with floats, or .astype('float32')`,
        )
      return E.right(simulator as Simulator)
    }),
  )
}
