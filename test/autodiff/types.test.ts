import {
  type Arrays,
  type ArrayTuple,
  checkpoint,
  customJvp,
  customVjp,
  type Aval,
  evalShape,
  grad,
  hessian,
  jacfwd,
  jacrev,
  jit,
  jvp,
  type Leaf,
  type Liberal,
  linearize,
  linearTranspose,
  type NDArray,
  np,
  registerTreeNode,
  splitVjp,
  stopGradient,
  treeMap,
  valueAndGrad,
  valueAndJacfwd,
  vjp,
  vmap,
} from '@cotangent/autodiff'
import { definePrimitive, notLinear } from '@cotangent/autodiff/primitives'
import { describe, expectTypeOf, test } from 'vitest'

interface Layer {
  readonly w: NDArray
  readonly b: NDArray
}
type Params = readonly [Layer, { scale: NDArray }]

declare const params: Params
declare const x: NDArray
declare const loss: (p: Params, x: NDArray) => NDArray
declare const lossAndAux: (p: Params, x: NDArray) => readonly [NDArray, { hits: NDArray; n: number }]
declare const predict: (p: Params, x: NDArray) => { mean: NDArray; all: [NDArray, NDArray] }

type LayerGradient = { readonly w: NDArray; readonly b: NDArray }
type ParamsGradient = readonly [LayerGradient, { scale: NDArray }]

/** Only its types are looked at. */
const typed = (name: string, _: () => void): void => test(name, () => undefined)

describe('grad', () => {
  typed('gives a tree of the type of the first argument', () => {
    expectTypeOf(grad(loss)(params, x)).toEqualTypeOf<ParamsGradient>()
    expectTypeOf(grad(loss, {})(params, x)).toEqualTypeOf<ParamsGradient>()
    expectTypeOf(grad(loss, { argnums: 1 })(params, x)).toEqualTypeOf<NDArray>()
  })
  typed('gives a tuple for several argnums', () => {
    expectTypeOf(grad(loss, { argnums: [0, 1] })(params, x)).toEqualTypeOf<[ParamsGradient, NDArray]>()
    expectTypeOf(grad(loss, { argnums: [1] })(params, x)).toEqualTypeOf<[NDArray]>()
  })
  typed('gives what the function gives beside, with arrays for leaves', () => {
    expectTypeOf(grad(lossAndAux, { hasAux: true })(params, x)).toEqualTypeOf<
      [gradient: ParamsGradient, aux: { hits: NDArray; n: NDArray }]
    >()
    expectTypeOf(valueAndGrad(lossAndAux, { hasAux: true, argnums: 1 })(params, x)).toEqualTypeOf<
      [value: [NDArray, { hits: NDArray; n: NDArray }], gradient: NDArray]
    >()
  })
  typed('gives the value first', () => {
    expectTypeOf(valueAndGrad(loss)(params, x)).toEqualTypeOf<[value: NDArray, gradient: ParamsGradient]>()
  })
  typed('nests', () => {
    expectTypeOf(grad(grad(grad((y: NDArray) => np.tanh(y))))(x)).toEqualTypeOf<NDArray>()
    expectTypeOf(vmap(grad(grad(np.sin)))(x)).toEqualTypeOf<NDArray>()
  })
  typed('takes numbers and typed arrays for arrays', () => {
    expectTypeOf(grad(loss)).parameter(1).toEqualTypeOf<Leaf>()
    grad((y: NDArray) => y.mul(y))(3)
    grad((y: NDArray) => y.sum())(new Float32Array(2))
  })
  typed('refuses what has no gradient, or other arguments', () => {
    // @ts-expect-error the result is a list
    grad((y: NDArray) => [y])
    // @ts-expect-error the result is a string
    grad((y: NDArray) => y.toString())
    // @ts-expect-error hasAux needs a pair
    grad(loss, { hasAux: true })
    // @ts-expect-error without hasAux a pair has no gradient
    grad(lossAndAux)
    // @ts-expect-error no such option
    grad(loss, { argnum: 1 })
    // @ts-expect-error argnums are numbers
    grad(loss, { argnums: 'p' })
    // @ts-expect-error the second argument is missing
    grad(loss)(params)
    // @ts-expect-error a string is no array
    grad(loss)(params, 'x')
    // @ts-expect-error the tree lacks b
    grad(loss)([{ w: x }, { scale: x }], x)
    // @ts-expect-error the function is asynchronous
    grad(async (y: NDArray) => y.sum())
  })
})

describe('jvp, vjp and linearize', () => {
  typed('keep the types of arguments and results', () => {
    const [output, tangent] = jvp(predict, [params, x], [params, x])
    expectTypeOf(output).toEqualTypeOf<{ mean: NDArray; all: [NDArray, NDArray] }>()
    expectTypeOf(tangent).toEqualTypeOf<{ mean: NDArray; all: [NDArray, NDArray] }>()
    const [y, pullback] = vjp(predict, params, x)
    expectTypeOf(y).toEqualTypeOf<{ mean: NDArray; all: [NDArray, NDArray] }>()
    expectTypeOf(pullback(y)).toEqualTypeOf<[p: ParamsGradient, x: NDArray]>()
    const [, push] = linearize(predict, params, x)
    expectTypeOf(push(params, x)).toEqualTypeOf<{ mean: NDArray; all: [NDArray, NDArray] }>()
    const [ca, cb] = linearTranspose((a: NDArray, b: Layer) => a.add(b.w), x, { w: x, b: x })(x)
    expectTypeOf(ca).toEqualTypeOf<NDArray>()
    expectTypeOf(cb).toMatchTypeOf<LayerGradient>()
    const { forward, backward } = splitVjp(loss, [params, x], { argnums: [0, 1] })
    expectTypeOf(forward(params, x)).toEqualTypeOf<[output: NDArray, residuals: NDArray[]]>()
    expectTypeOf(backward([], x)).toEqualTypeOf<[ParamsGradient, NDArray]>()
  })
  typed('refuse tangents of another structure', () => {
    // @ts-expect-error one tangent is missing
    jvp(predict, [params, x], [params])
    // @ts-expect-error the arguments are a list
    jvp(np.sin, x, x)
    // @ts-expect-error the cotangent lacks `all`
    vjp(predict, params, x)[1]({ mean: x })
  })
})

describe('Jacobians', () => {
  typed('are trees of trees', () => {
    expectTypeOf(jacfwd(predict)(params, x)).toEqualTypeOf<{
      mean: ParamsGradient
      all: [ParamsGradient, ParamsGradient]
    }>()
    expectTypeOf(jacrev(predict, { argnums: [0, 1] })(params, x)).toEqualTypeOf<{
      mean: [ParamsGradient, NDArray]
      all: [[ParamsGradient, NDArray], [ParamsGradient, NDArray]]
    }>()
    expectTypeOf(jacfwd((y: NDArray) => y.mul(y))(x)).toEqualTypeOf<NDArray>()
    expectTypeOf(valueAndJacfwd((y: NDArray, z: NDArray) => y.mul(z), { argnums: 1 })(x, x)).toEqualTypeOf<
      [value: NDArray, jacobian: NDArray]
    >()
    expectTypeOf(jacrev((y: NDArray) => [y.mul(y), { n: y }] as const, { hasAux: true })(x)).toEqualTypeOf<
      [jacobian: NDArray, aux: { readonly n: NDArray }]
    >()
  })
  typed('Hessians too', () => {
    expectTypeOf(hessian((y: NDArray) => y.sum())(x)).toEqualTypeOf<NDArray>()
    expectTypeOf(hessian((l: Layer) => l.w.sum())(params[0]).w.b).toEqualTypeOf<NDArray>()
    expectTypeOf(hessian((a: NDArray, b: NDArray) => a.mul(b).sum(), { argnums: [0, 1] })(x, x)).toEqualTypeOf<
      [[NDArray, NDArray], [NDArray, NDArray]]
    >()
    // @ts-expect-error of a scalar function only
    hessian(predict)
  })
})

describe('vmap and jit', () => {
  typed('keep the signature', () => {
    expectTypeOf(vmap(predict)(params, x)).toEqualTypeOf<{ mean: NDArray; all: [NDArray, NDArray] }>()
    expectTypeOf(vmap(loss, { inAxes: [null, 0] })).parameters.toEqualTypeOf<Liberal<[p: Params, x: NDArray]>>()
    expectTypeOf(jit(predict)(params, x)).toEqualTypeOf<{ mean: NDArray; all: [NDArray, NDArray] }>()
    expectTypeOf(jit(vmap(grad(loss), { inAxes: [null, 0] }))(params, x)).toEqualTypeOf<ParamsGradient>()
    expectTypeOf(grad(jit(loss))(params, x)).toEqualTypeOf<ParamsGradient>()
  })
  typed('take functions of operands', () => {
    expectTypeOf(jit(np.sin)(x)).toEqualTypeOf<NDArray>()
    expectTypeOf(vmap(np.dot, { inAxes: [0, null] })(x, x)).toEqualTypeOf<NDArray>()
    expectTypeOf(grad(np.sin)(1)).toEqualTypeOf<NDArray>()
  })
  typed('give arrays where the function gives numbers', () => {
    expectTypeOf(jit((y: NDArray) => ({ y, n: 3, flag: true }))(x)).toEqualTypeOf<{
      y: NDArray
      n: NDArray
      flag: NDArray
    }>()
  })
  typed('refuse other arguments and unknown devices', () => {
    // @ts-expect-error the second argument is missing
    jit(loss)(params)
    // @ts-expect-error no such device
    jit(loss, { device: 'tpu' })
    // @ts-expect-error axes are numbers
    vmap(loss, { inAxes: 'rows' })
    // @ts-expect-error a string is no array
    vmap(loss)(params, 'x')
  })
})

describe('arrays and trees', () => {
  typed('know their dtype where it is said', () => {
    expectTypeOf(np.zeros([2])).toEqualTypeOf<NDArray<'float32'>>()
    expectTypeOf(np.zeros([2], { dtype: 'int32' })).toEqualTypeOf<NDArray<'int32'>>()
    expectTypeOf(np.array([1], { dtype: 'float64' }).dataSync()).toEqualTypeOf<Float64Array>()
    expectTypeOf(x.gt(0)).toEqualTypeOf<NDArray<'bool'>>()
    expectTypeOf(x.astype('uint32').T.dtype).toEqualTypeOf<'uint32'>()
    expectTypeOf(np.argmax(x)).toEqualTypeOf<NDArray<'int32'>>()
    // @ts-expect-error no such dtype
    np.zeros([2], { dtype: 'half' })
  })
  typed('unstack to a tuple of the length asked for', () => {
    expectTypeOf(x.unstack(3)).toEqualTypeOf<[NDArray, NDArray, NDArray]>()
    expectTypeOf(x.unstack()).toEqualTypeOf<NDArray[]>()
    // As many entries as no tuple has.
    expectTypeOf<ArrayTuple<5000>>().toEqualTypeOf<NDArray[]>()
    expectTypeOf(np.zeros([2]).unstack(2)).toEqualTypeOf<[NDArray<'float32'>, NDArray<'float32'>]>()
    // @ts-expect-error there are two
    const [, , _third] = x.unstack(2)
  })
  typed('map their leaves', () => {
    expectTypeOf(treeMap((p: NDArray) => p.shape, params)).toEqualTypeOf<
      readonly [{ readonly w: readonly number[]; readonly b: readonly number[] }, { scale: readonly number[] }]
    >()
    expectTypeOf<Arrays<{ a: number; b: [boolean, Float32Array]; c: null }>>().toEqualTypeOf<{
      a: NDArray
      b: [NDArray, NDArray]
      c: null
    }>()
    expectTypeOf<Arrays<unknown>>().toEqualTypeOf<unknown>()
    expectTypeOf(evalShape(predict, params, x)).toEqualTypeOf<{ mean: Aval; all: [Aval, Aval] }>()
  })
  typed('have no operators', () => {
    // @ts-expect-error x.add(x)
    void (x + x)
    // @ts-expect-error x.mul(2)
    void (x * 2)
    // @ts-expect-error x.at(0)
    void x[0]
    // @ts-expect-error shapes do not change
    x.shape[0] = 1
    // @ts-expect-error dtypes do not change
    x.dtype = 'int32'
  })
})

describe('rules of derivatives', () => {
  typed('know the function’s arguments and result', () => {
    const f = customJvp(predict, {
      jvp: (primals, tangents) => {
        expectTypeOf(primals[1]).toEqualTypeOf<NDArray>()
        expectTypeOf(tangents).toEqualTypeOf<readonly [p: ParamsGradient, x: NDArray]>()
        return [predict(...primals), predict(...tangents)]
      },
    })
    expectTypeOf(f(params, x)).toEqualTypeOf<{ mean: NDArray; all: [NDArray, NDArray] }>()
    customVjp(predict, {
      forward: (p, y) => [predict(p, y), { p, y, n: 3 }],
      backward: (residuals, ct) => {
        expectTypeOf(residuals.n).toEqualTypeOf<NDArray>()
        expectTypeOf(ct.all).toEqualTypeOf<[NDArray, NDArray]>()
        return [null, ct.mean]
      },
    })
    customJvp((y: NDArray, n: NDArray) => y.mul(n), { jvps: [(dy, out, y, n) => dy.mul(out).mul(y).mul(n), null] })
  })
  typed('and which are not differentiated', () => {
    customJvp((g: (y: NDArray) => NDArray, y: NDArray, mode: 'a' | 'b') => (mode === 'a' ? g(y) : y), {
      nondiffArgnums: [0, 2],
      jvp: ([g, y, mode], [dg, dy, dmode]) => {
        expectTypeOf(g).toEqualTypeOf<(y: NDArray) => NDArray>()
        expectTypeOf(mode).toEqualTypeOf<'a' | 'b'>()
        expectTypeOf(dg).toEqualTypeOf<null>()
        expectTypeOf(dmode).toEqualTypeOf<null>()
        return [y, dy]
      },
    })
    customVjp((y: NDArray, n: string) => y.mul(n.length), {
      nondiffArgnums: [1],
      forward: (y, n) => [y.mul(n.length), null],
      backward: (_, ct, n) => {
        expectTypeOf(n).toEqualTypeOf<string>()
        return [ct, null]
      },
    })
  })
  typed('refuse other shapes of rules', () => {
    // @ts-expect-error a rule gives the output and the tangent
    customJvp((y: NDArray) => y, { jvp: ([y], [dy]) => dy.mul(y) })
    // @ts-expect-error a list, one cotangent an argument
    customVjp((y: NDArray) => y, { forward: (y) => [y, null], backward: (_, ct) => ct })
    // @ts-expect-error backward is missing
    customVjp((y: NDArray) => y, { forward: (y) => [y, null] })
    // @ts-expect-error two arguments, two rules
    customJvp((y: NDArray, z: NDArray) => y.mul(z), { jvps: [null] })
  })
  typed('checkpoint and stopGradient keep the signature', () => {
    expectTypeOf(checkpoint(predict)(params, x)).toEqualTypeOf<{ mean: NDArray; all: [NDArray, NDArray] }>()
    expectTypeOf(stopGradient({ a: x, b: [1, null] })).toEqualTypeOf<{
      readonly a: NDArray
      readonly b: readonly [NDArray, null]
    }>()
    // @ts-expect-error a policy is a function
    checkpoint(predict, { policy: 'all' })
  })
})

describe('classes that are trees', () => {
  class Pair {
    readonly first: NDArray
    readonly second: NDArray
    constructor(first: NDArray, second: NDArray) {
      this.first = first
      this.second = second
    }
  }
  const pairs = (p: Pair): NDArray => p.first.mul(p.second).sum()
  typed('keep their type through transformations', () => {
    registerTreeNode(Pair, {
      flatten: (p) => [[p.first, p.second], null],
      unflatten: (_, [first, second]) => new Pair(first as NDArray, second as NDArray),
    })
    expectTypeOf(jit((p: Pair) => p)).returns.toEqualTypeOf<Pair>()
    expectTypeOf(jit(pairs)).returns.toEqualTypeOf<NDArray>()
  })
  typed('refuse rules that do not fit', () => {
    // @ts-expect-error unflatten is missing
    registerTreeNode(Pair, { flatten: (p: Pair) => [[p.first], null] })
    // @ts-expect-error unflatten gives something else
    registerTreeNode(Pair, { flatten: (p: Pair) => [[p.first], null], unflatten: () => 3 })
    // @ts-expect-error a list, not a class
    registerTreeNode([], { flatten: () => [[], null], unflatten: () => [] })
  })
})

describe('primitives of one’s own', () => {
  typed('have all their rules', () => {
    // @ts-expect-error no rule of batches and others
    definePrimitive({ name: 'mine', abstractEval: ([y]) => [y!], evaluate: ([y]) => [y!] })
    definePrimitive({
      name: 'mine',
      abstractEval: ([y]) => [y!],
      evaluate: ([y]) => [y!],
      jvp: ([y], [dy]) => ({ outputs: [y!], tangents: [dy!] }),
      transpose: notLinear,
      batch: ([y], [dim]) => ({ outputs: [y!], dims: [dim!] }),
      lower: (_, inputs) => inputs,
    })
    // @ts-expect-error a primitive has a name
    definePrimitive({ abstractEval: ([y]) => [y!], transpose: notLinear })
  })
})

describe('options and operands', () => {
  typed('of NumPy’s functions are spelled as here', () => {
    // @ts-expect-error keepdims
    np.sum(x, { keepDims: true })
    // @ts-expect-error axis
    np.concatenate([x, x], { axes: 0 })
    // @ts-expect-error a mode of convolve
    np.convolve(x, x, { mode: 'some' })
    // @ts-expect-error a mode of pad
    np.pad(x, 1, { mode: 'mirrored' })
    // @ts-expect-error axes are numbers
    np.mean(x, { axis: 'rows' })
    // @ts-expect-error no operand
    np.sin(() => x)
    // @ts-expect-error the second operand is missing
    np.matmul(x)
  })
  typed('of vmap too', () => {
    // @ts-expect-error inAxes
    vmap(loss, { in_axes: 0 })
    // @ts-expect-error outAxes
    vmap(loss, { outAxis: 0 })
    // @ts-expect-error device
    jit(loss, { devices: 'cpu' })
    // @ts-expect-error no such option
    hessian((y: NDArray) => y.sum(), { argnum: 0 })
    // @ts-expect-error no such option
    jacrev(predict, { holomorphic: true })
  })
})
