import { lax, makeJaxpr, np } from '@cotangent/autodiff'
import * as own from '@cotangent/autodiff/primitives'
import type { Call, Calls } from '../../../helpers/wrong-kinds.ts'

const x = np.array([0.5, 0.25, 0.75])
type A = typeof x
const aval = { shape: [3], dtype: 'float32' } as const
const definition = {
  name: 'own_square',
  domain: 'float',
  kernel: (a: number) => a * a,
  derivatives: [(da: A, [a]: readonly A[]) => lax.mul(da, a!)],
  lower: 'Abs',
} as const
const square = own.elementwise(definition)
const again = (a: A): A => own.bind1(copied, [a], {})
const copy: object = {
  name: 'own_copy',
  abstractEval: ([a]: readonly own.Aval[]) => [own.avalOf(a!)],
  evaluate: ([data]: readonly Float32Array[]) => [data!.slice()],
  ...own.linear(again, again),
  batch: ([a]: readonly A[], [dim]: readonly number[]) => ({ outputs: [again(a!)], dims: [dim!] }),
  lower: own.neverLowered,
}
const copied: own.Primitive = own.definePrimitive(copy as never)
const jaxprOf = (f: (a: A) => A) => makeJaxpr(f)(x)

/** What primitives of one's own are made of. */
export const primitivesCalls: Calls = {
  allocate: [own.allocate as Call, 'float32', 3],
  avalOf: [own.avalOf as Call, aval],
  showAval: [own.showAval as Call, aval],
  Constant: [(value: never) => new own.Constant(value), x],
  Var: [(given: never) => new own.Var(given), aval],
  Linear: [(given: never) => new own.Linear(given), aval],
  Undefined: [(reason: never) => new own.Undefined(reason), 'it has none'],
  definePrimitive: [own.definePrimitive as Call, copy],
  bind: [own.bind as Call, copied, [x], {}],
  bind1: [own.bind1 as Call, copied, [x], {}],
  'bind1, traced': [
    (...given: [never, never, never]) => jaxprOf((a) => np.add(a, own.bind1(...given))),
    copied,
    [x],
    {},
  ],
  trace: [own.trace as Call, 'own', [aval], (a: A) => [np.sin(a)]],
  definedBy: [own.definedBy as Call, x, square],
  isConcrete: [own.isConcrete as Call, x],
  broadcastAxis: [own.broadcastAxis as Call, x, 0, 2],
  full: [own.full as Call, [2, 3], 1, 'float32'],
  zerosLike: [own.zerosLike as Call, x],
  apply: [own.apply as Call, square, x],
  batchElementwise: [own.batchElementwise as Call, [x, x], [0, null], 3],
  checkAlike: [own.checkAlike as Call, 'own', [aval, aval], 'float'],
  elementwise: [
    (given: never) => {
      const made = own.elementwise(given)
      return own.apply(made, x)
    },
    definition,
  ],
  lowerAs: [(name: never, f: never) => own.lowerAs(name, f), 'own', (a: A) => np.sin(a)],
  isLinear: [own.isLinear as Call, new own.Linear(aval)],
  known: [own.known as Call, 'own', x],
  linear: [
    (f: never, g: never) => own.linear(f, g).jvp([x], [x], {}),
    (a: A) => np.multiply(a, 2),
    (a: A) => np.multiply(a, 2),
  ],
  moveAxis: [own.moveAxis as Call, np.ones([2, 3]), 0, 1],
}
