import { lax, makeJaxpr, type NDArray, np } from '@cotangent/autodiff'
import { type DType, isFloat } from '@cotangent/autodiff/array'
import { arraysOf, shapes } from '@cotangent/autodiff/testing/arbitraries'
import fc from 'fast-check'
import { numbers } from '../../../helpers/dtypes.ts'
import type { Sample, Samples } from './shared.ts'

/** The params of the first equation of `f` for operands like these; captured values are its last operands. */
const paramsOf = (f: (...operands: NDArray[]) => unknown, ...operands: NDArray[]): Sample['params'] =>
  makeJaxpr(f)(...operands).equations.at(-1)!.params

const drawn = (shape: readonly number[], dtype: DType): Sample['operands'][number] => ({
  shape,
  arrays: arraysOf(shape, dtype, isFloat(dtype) ? { min: -1.5, max: 1.5 } : {}),
})
const counts = (min: number, max: number): Sample['operands'][number] => ({
  shape: [],
  arrays: arraysOf([], 'int32', { min, max }),
})

/** Something with derivatives of every order, for floats; something exact for integers. */
const bend = (x: NDArray): NDArray => (isFloat(x.dtype) ? np.tanh(x) : x.mul(3))

/** Two carried arrays, of which one does not depend on the rest; a captured one; outputs of several kinds. */
const scan: Samples = {
  dtypes: numbers,
  of: (dtype) =>
    fc
      .record({
        shape: shapes({ maxRank: 1, minLength: 0 }),
        length: fc.nat({ max: 3 }),
        reverse: fc.boolean(),
        unroll: fc.integer({ min: 1, max: 3 }),
      })
      .map(({ shape, length, reverse, unroll }) => {
        const step = (p: NDArray, q: NDArray, y: NDArray, w: NDArray): NDArray[] => {
          const next = bend(p.mul(y).add(w.mul(w)))
          return [next, q.add(1), p.mul(q.astype(dtype)), bend(w), y.add(next)]
        }
        const like = np.zeros(shape, { dtype })
        const jaxpr = makeJaxpr(step)(like, np.zeros([], { dtype: 'int32' }), like, like)
        const params = { jaxpr, carry: 2, xs: 1, length, reverse, unroll }
        return {
          params,
          operands: [drawn(shape, dtype), counts(-2, 2), drawn([length, ...shape], dtype), drawn(shape, dtype)],
        }
      }),
}

const cond: Samples = {
  dtypes: numbers,
  of: (dtype) =>
    fc
      .record({ shape: shapes({ maxRank: 1, minLength: 0 }), count: fc.integer({ min: 2, max: 4 }) })
      .map(({ shape, count }) => {
        const like = np.zeros(shape, { dtype })
        const branches = [
          (x: NDArray, y: NDArray): NDArray[] => [bend(x.mul(y)), y],
          (x: NDArray, y: NDArray): NDArray[] => [x.add(y), bend(bend(x)).mul(x)],
          (x: NDArray, _: NDArray): NDArray[] => [like.add(1), bend(x)],
          (x: NDArray, y: NDArray): NDArray[] => [y.mul(y).mul(x), y.mul(2)],
        ]
        const params = paramsOf(
          (i, x, y) => lax.switch(i!, branches.slice(0, count), x!, y!),
          np.zeros([], { dtype: 'int32' }),
          like,
          like,
        )
        return { params, operands: [counts(-1, count), drawn(shape, dtype), drawn(shape, dtype)] }
      }),
}

/** Goes on while a count is below a limit: entries of a batch take different numbers of iterations. */
const whileLoop: Samples = {
  dtypes: numbers,
  reverse: false,
  of: (dtype) =>
    shapes({ maxRank: 1, minLength: 0 }).map((shape) => {
      const params = paramsOf(
        (i, x, limit, w) =>
          lax.whileLoop(
            ([n]) => n.lt(limit!),
            ([n, y]) => [n.add(1), bend(y.mul(w!).add(w!))] as const,
            [i!, x!] as const,
          ),
        np.zeros([], { dtype: 'int32' }),
        np.zeros(shape, { dtype }),
        np.zeros([], { dtype: 'int32' }),
        np.zeros(shape, { dtype }),
      )
      return { params, operands: [counts(-1, 1), drawn(shape, dtype), counts(0, 3), drawn(shape, dtype)] }
    }),
}

/** Samples of the primitives that hold Jaxprs: branches and bodies of loops. */
export const controlSamples: Readonly<Record<string, Samples>> = { cond, scan, while: whileLoop }
