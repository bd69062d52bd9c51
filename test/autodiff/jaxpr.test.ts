import { checkpoint, customJvp, evalShape, grad, jit, makeJaxpr, type NDArray, np, vmap } from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'

const x = np.ones([3])
const leaky = (y: NDArray): NDArray => np.where(y.gt(0), y, y.mul(0.01))

/** A template literal without the indentation of the code around it. */
const text = (lines: string): string => lines.trim().replaceAll('\n    ', '\n')

describe('Jaxprs print as JAX’s do', () => {
  test('a leaky rectifier is one product with a slope', () => {
    expect(makeJaxpr(leaky)(x).toString()).toBe(
      text(`
    { lambda ; a:float32[3]. let
        b:float32[3] = broadcast_in_dim[shape=[3] dims=[]] 0:float32[]
        c:bool[3] = gt a b
        d:float32[3] = broadcast_in_dim[shape=[3] dims=[]] 0.01:float32[]
        e:float32[3] = broadcast_in_dim[shape=[3] dims=[]] 1:float32[]
        f:float32[3] = select c e d
        g:float32[3] = mul a f
      in (g) }`),
    )
  })

  test('its gradient is the slope', () => {
    expect(makeJaxpr(grad((y: NDArray) => leaky(y).sum()))(x).toString()).toBe(
      text(`
    { lambda ; a:float32[3]. let
        b:float32[3] = broadcast_in_dim[shape=[3] dims=[]] 0:float32[]
        c:bool[3] = gt a b
        d:float32[3] = broadcast_in_dim[shape=[3] dims=[]] 0.01:float32[]
        e:float32[3] = broadcast_in_dim[shape=[3] dims=[]] 1:float32[]
        f:float32[3] = select c e d
      in (f) }`),
    )
  })

  test('a product of matrices under grad is two products', () => {
    const loss = (w: NDArray, y: NDArray): NDArray => np.tanh(y.matmul(w)).sum()
    expect(makeJaxpr(grad(loss))(np.ones([3, 2]), np.ones([5, 3])).toString()).toBe(
      text(`
    { lambda ; a:float32[3, 2] b:float32[5, 3]. let
        c:float32[5, 2] = dot_general[contract=[[1],[0]] batch=[[],[]]] b a
        d:float32[5, 2] = tanh c
        e:float32[5, 2] = broadcast_in_dim[shape=[5,2] dims=[]] 1:float32[]
        f:float32[5, 2] = sub e d
        g:float32[5, 2] = add d e
        h:float32[5, 2] = mul f g
        i:float32[3, 2] = dot_general[contract=[[0],[0]] batch=[[],[]]] b h
      in (i) }`),
    )
  })

  test('a compiled function is a call, without what is no part of the program', () => {
    expect(makeJaxpr(jit((y: NDArray) => np.sin(y), { device: 'js' }))(x).toString()).toBe(
      text(`
    { lambda ; a:float32[3]. let
        b:float32[3] = jit[
          jaxpr={ lambda ; c:float32[3]. let
              d:float32[3] = sin c
            in (d) }
        ] a
      in (b) }`),
    )
  })

  test('calls in calls are indented, and say the names of the functions', () => {
    const block = checkpoint(function block(y: NDArray) {
      return np.sin(doubled(y))
    })
    const doubled: (y: NDArray) => NDArray = customJvp(
      function double(y: NDArray) {
        return y.mul(2)
      },
      { jvp: ([y], [dy]) => [doubled(y), dy.mul(2)] },
    )
    const program = jit(
      function program(y: NDArray) {
        return block(y).sum()
      },
      { device: 'js' },
    )
    expect(makeJaxpr(program)(x).toString()).toBe(
      text(`
    { lambda ; a:float32[3]. let
        b:float32[] = jit[
          name=program
          jaxpr={ lambda ; c:float32[3]. let
              d:float32[3] = checkpoint[
                name=block
                jaxpr={ lambda ; e:float32[3]. let
                    f:float32[3] = custom_jvp_call[
                      name=double
                      jaxpr={ lambda ; g:float32[3]. let
                          h:float32[3] = broadcast_in_dim[shape=[3] dims=[]] 2:float32[]
                          i:float32[3] = mul g h
                        in (i) }
                      captured=0
                    ] e
                    j:float32[3] = sin f
                  in (j) }
                preventCse=true
              ] c
              k:float32[] = reduce_sum[axes=[0]] d
            in (k) }
        ] a
      in (b) }`),
    )
  })

  test('arrays of the program have names, numbers are written out', () => {
    const constant = np.array([1, 2, 3])
    expect(makeJaxpr((y: NDArray) => y.add(constant))(x).toString()).toBe(
      text(`
    { lambda const0:float32[3] ; a:float32[3]. let
        b:float32[3] = add a const0
      in (b) }`),
    )
  })

  test('a batched inner product is one product', () => {
    expect(makeJaxpr(vmap((y: NDArray) => np.dot(y, y)))(np.ones([4, 3])).toString()).toBe(
      text(`
    { lambda ; a:float32[4, 3]. let
        b:float32[4] = dot_general[contract=[[1],[1]] batch=[[0],[0]]] a a
      in (b) }`),
    )
  })
})

describe('equations are shared', () => {
  const count = (f: (y: NDArray) => NDArray, at: NDArray = x): number => makeJaxpr(f)(at).equations.length

  test('what is computed twice is computed once', () => {
    expect(count((y) => np.sin(y).mul(np.sin(y)))).toBe(2)
    expect(count((y) => np.sin(y).add(1).mul(np.sin(y).add(1)))).toBe(4)
  })

  test('numbers that differ in the sign of zero are not shared', () => {
    const f = (y: NDArray): NDArray => y.mul(0).add(y.mul(-0))
    expect(makeJaxpr(f)(x).equations.filter((e) => e.primitive.name === 'mul').length).toBe(2)
  })

  test('derivatives of tanh stay small', () => {
    type Scalar = (y: NDArray) => NDArray
    let f: Scalar = (y) => np.tanh(y)
    const counts = [0, 1, 2, 3, 4].map(() => {
      const n = makeJaxpr(f)(np.array(0.5)).equations.length
      f = grad(f)
      return n
    })
    expect(counts).toEqual([1, 4, 7, 13, 29])
  })

  test('what no result needs is left out', () => {
    expect(
      count((y) => {
        np.exp(np.cos(y))
        return np.sin(y)
      }),
    ).toBe(1)
  })

  test('small results of constants are computed while tracing, large ones are not', () => {
    expect(count((y) => y.add(np.sin(np.array([1, 2, 3]))))).toBe(1)
    expect(count((y) => y.add(np.sin(np.ones([100])).sum()))).toBe(4)
  })
})

describe('evalShape', () => {
  test('tells shapes and dtypes of a tree without computing', () => {
    const shapes = evalShape(
      (a: NDArray, b: NDArray) => ({ product: a.matmul(b), which: a.gt(0) }),
      np.ones([2, 3]),
      np.ones([3, 4]),
    )
    expect(shapes).toEqual({
      product: { shape: [2, 4], dtype: 'float32' },
      which: { shape: [2, 3], dtype: 'bool' },
    })
  })
})
