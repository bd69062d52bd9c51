import {
  checkpoint,
  customJvp,
  customVjp,
  DTypeError,
  grad,
  jacfwd,
  jit,
  jvp,
  lax,
  type NDArray,
  np,
  ShapeError,
  stopGradient,
  TracerError,
  TreeError,
  ValueError,
} from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import { testMisuses, untyped } from './misuse.ts'

const js = { device: 'js' } as const
const v = np.ones([3])
const w = np.ones([2])
const later = untyped(async (y: NDArray) => y)

function double(y: NDArray): NDArray {
  return y.mul(2)
}
const withJvp = (jvpRule: unknown): ((y: NDArray) => NDArray) => customJvp(double, { jvp: untyped(jvpRule) })
const withVjp = (forward: unknown, backward: unknown): ((y: NDArray) => NDArray) =>
  customVjp(double, { forward: untyped(forward), backward: untyped(backward) })
const fine = (y: NDArray): unknown => [y.mul(2), y]

describe('rules of customJvp', () => {
  const trees = (rule: unknown) => customJvp((p: { a: NDArray }) => ({ y: [p.a] as const }), { jvp: untyped(rule) })
  const slope = (rule: unknown) => () => grad((y: NDArray) => trees(rule)({ a: y }).y[0].sum())(v)
  testMisuses([
    ['nothing', () => customJvp(double, untyped({})), TreeError, 'customJvp of double: takes { jvp', 'jvps'],
    [
      'no function',
      () => customJvp(untyped(3), untyped({ jvp: double })),
      ValueError,
      'customJvp: takes a function, not number',
    ],
    [
      'that give the tangent alone',
      () => grad((y: NDArray) => withJvp((_: unknown, [dy]: NDArray[]) => dy)(y).sum())(v),
      TreeError,
      'the jvp rule of customJvp of double must give [output, tangent]; it gave *',
    ],
    [
      'that give three things',
      () =>
        jvp(
          withJvp(([y]: NDArray[], [dy]: NDArray[]) => [y, dy, dy]),
          [v],
          [v],
        ),
      TreeError,
      'must give [output, tangent]; it gave [*, *, *]',
    ],
    [
      'that give nothing',
      () =>
        jvp(
          withJvp(() => undefined),
          [v],
          [v],
        ),
      TreeError,
      'must give [output, tangent]; it gave null',
    ],
    [
      'with an output of another shape',
      () =>
        jvp(
          withJvp(([y]: NDArray[], [dy]: NDArray[]) => [y!.sum(), dy]),
          [v],
          [v],
        ),
      ShapeError,
      'the jvp rule of customJvp of double: output is float32[] and must be float32[3]',
    ],
    [
      'with a tangent of another shape',
      () =>
        jvp(
          withJvp(([y]: NDArray[]) => [y, w]),
          [v],
          [v],
        ),
      ShapeError,
      'tangent is float32[2] and must be float32[3]',
    ],
    [
      'with a tangent of another dtype',
      () =>
        jvp(
          withJvp(([y]: NDArray[], [dy]: NDArray[]) => [y, dy!.astype('float64')]),
          [v],
          [v],
        ),
      DTypeError,
      'tangent is float64[3] and must be float32[3]',
      'x.astype("float32")',
    ],
    [
      'with another structure',
      slope(([p]: [{ a: NDArray }]) => [{ y: [p.a] }, [p.a]]),
      TreeError,
      'tangent is [*] and must be {y: [*]}',
    ],
    [
      'with a wrong leaf in a tree, which is named',
      slope(([p]: [{ a: NDArray }]) => [{ y: [p.a] }, { y: [p.a.sum()] }]),
      ShapeError,
      'tangent.y[0] is float32[] and must be float32[3]',
    ],
    ['that are asynchronous', () => jvp(withJvp(later), [v], [v]), TracerError, 'the jvp rule of', 'is a Promise'],
    [
      'that read a value',
      () =>
        jvp(
          withJvp(([y]: NDArray[], [dy]: NDArray[]) => [y!.mul(y!.sum().item()), dy]),
          [v],
          [v],
        ),
      TracerError,
      'inside the jvp rule of customJvp of double',
      'cannot be read',
    ],
    [
      'that are not linear in the tangent, in reverse mode',
      () => grad((y: NDArray) => withJvp(([x]: NDArray[], [dx]: NDArray[]) => [x!.mul(2), dx!.mul(dx!)])(y).sum())(v),
      TracerError,
      'linear',
    ],
    [
      'of jvps for other arguments',
      () => grad((y: NDArray) => customJvp(double, { jvps: untyped([null, null]) })(y).sum())(v),
      TreeError,
      'jvps has 2 rules for 1 arguments',
    ],
    [
      'that use a traced value which the function does not',
      () =>
        jit((c: NDArray) => {
          const f = customJvp((y: NDArray) => y, { jvp: ([y], [dy]) => [y, dy.mul(c)] })
          return grad((y: NDArray) => f(y).sum())(v)
        }, js)(v),
      TracerError,
      'the jvp rule of customJvp uses a traced value (float32[3]) of an enclosing function',
      'pass it as an argument',
    ],
    [
      'where a closed-over value is differentiated',
      () =>
        grad((c: NDArray) => customJvp((y: NDArray) => y.mul(c), { jvp: ([y], [dy]) => [y.mul(c), dy] })(v).sum())(v),
      TracerError,
      'customJvp: it is differentiated in a value (float32[3]) that it closes over',
      'stopGradient',
    ],
    [
      'with nondiffArgnums that are not there',
      () => customJvp(double, { nondiffArgnums: [1], jvp: untyped(fine) })(v),
      ValueError,
      'customJvp of double: nondiffArgnums 1 names no argument',
      'called with 1',
    ],
    ['called with a string', () => untyped(withJvp(fine))('x'), TreeError, 'arguments[0] is a string'],
  ])
})

describe('rules of customVjp', () => {
  const backward = (of: unknown) => () => grad((y: NDArray) => withVjp(fine, of)(y).sum())(v)
  const pair = customVjp((p: { a: NDArray; b: NDArray }, n: NDArray) => p.a.mul(p.b).mul(n), {
    forward: (p, n) => [p.a.mul(p.b).mul(n), p],
    backward: (p, ct) => untyped([{ a: ct.mul(p.b), b: ct.sum() }, null]),
  })
  testMisuses([
    ['nothing', () => customVjp(double, untyped({})), TreeError, 'customVjp of double: takes { forward', 'backward'],
    [
      'without residuals',
      () => grad((y: NDArray) => withVjp(double, fine)(y).sum())(v),
      TreeError,
      'forward of customVjp of double must give [output, residuals]; it gave *',
    ],
    [
      'with an output of another dtype',
      () => grad((y: NDArray) => withVjp((x: NDArray) => [x.astype('float64'), x], fine)(y).sum())(v),
      DTypeError,
      'forward of customVjp of double: output is float64[3] and must be float32[3]',
    ],
    [
      'with residuals that are no tree',
      () => grad((y: NDArray) => withVjp((x: NDArray) => [x, 'x'], fine)(y).sum())(v),
      TreeError,
      'residuals is a string',
    ],
    [
      'whose backward gives one array',
      backward((x: NDArray, ct: NDArray) => ct.mul(x)),
      TreeError,
      'backward of customVjp of double must give a list of 1 cotangents, one an argument (null for zero); it gave *',
    ],
    ['whose backward gives too many', backward((x: NDArray) => [x, x]), TreeError, 'a list of 1 cotangents', '[*, *]'],
    [
      'whose backward gives another shape',
      backward((_: NDArray, ct: NDArray) => [ct.sum()]),
      ShapeError,
      'backward of customVjp of double: cotangents[0] is float32[] and must be float32[3]',
    ],
    [
      'whose backward gives a wrong leaf, which is named',
      () => grad((y: NDArray) => pair({ a: y, b: y }, v).sum())(v),
      ShapeError,
      'cotangents[0].b is float32[] and must be float32[3]',
    ],
    ['whose backward is asynchronous', backward(later), TracerError, 'is a Promise'],
    [
      'in forward mode',
      () => jvp(withVjp(fine, fine), [v], [v]),
      TracerError,
      'customVjp of double: forward mode',
      'customJvp',
    ],
    ['in a Hessian of its own', () => jacfwd(withVjp(fine, fine))(v), TracerError, 'forward mode'],
    [
      'where a closed-over value is differentiated',
      () =>
        grad((c: NDArray) =>
          customVjp((y: NDArray) => y.mul(c), { forward: (y) => [y.mul(c), null], backward: (_, ct) => [ct] })(v).sum(),
        )(v),
      TracerError,
      'customVjp: it is differentiated in a value (float32[3]) that it closes over',
    ],
  ])
})

describe('checkpoint and stopGradient', () => {
  testMisuses([
    [
      'a policy by name',
      () => checkpoint(double, untyped({ policy: 'dotsSaveable' })),
      ValueError,
      'checkpoint of double: policy',
      'checkpointPolicies.dotsSaveable',
    ],
    [
      'a checkpoint of nothing',
      () => checkpoint(untyped(undefined)),
      ValueError,
      'checkpoint: takes a function, not undefined',
    ],
    [
      'an asynchronous checkpoint',
      () => grad((y: NDArray) => untyped(checkpoint(later))(y))(v),
      TracerError,
      'is a Promise',
    ],
    [
      'a checkpoint that leaks',
      () => {
        let leak!: NDArray
        grad((y: NDArray) => checkpoint((x: NDArray) => (leak = x.mul(2)).sum())(y))(v)
        return leak.add(1)
      },
      TracerError,
      'leaked',
    ],
    ['stopGradient of a string', () => untyped(stopGradient)('x'), TreeError, 'stopGradient: the argument is a string'],
    [
      'a barrier for a Map',
      () => untyped(lax.optimizationBarrier)(new Map()),
      TreeError,
      'optimizationBarrier',
      'is a Map',
    ],
  ])
})

test('an error in a rule leaves nothing traced', () => {
  const f = withJvp(() => {
    throw new RangeError('mine')
  })
  expect(() => grad((y: NDArray) => f(y).sum())(v)).toThrow(new RangeError('mine'))
  expect(v.mul(2).jsSync()).toEqual([2, 2, 2])
})
