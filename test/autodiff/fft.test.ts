import {
  fft,
  grad,
  hessian,
  jacfwd,
  jacrev,
  jit,
  jvp,
  lax,
  linearTranspose,
  type NDArray,
  np,
  vjp,
} from '@cotangent/autodiff'
import { checkGrads, checkJit, checkVmap } from '@cotangent/autodiff/testing'
import { describe, expect, test } from 'vitest'
import '../helpers/matchers.ts'

const signal = (n: number, salt = 0): NDArray =>
  np.array(Float32Array.from({ length: n }, (_, i) => Math.sin(3.7 * i * i + salt)))
const complexSignal = (n: number, salt = 0): NDArray => lax.complex(signal(n, salt), signal(n, salt + 1))

/** The definition, in double precision: real and imaginary parts in turn. */
function definition(z: NDArray): Float64Array {
  const x = z.dataSync()
  const n = x.length / 2
  const out = new Float64Array(2 * n)
  for (let k = 0; k < n; k++) {
    for (let j = 0; j < n; j++) {
      const angle = (-2 * Math.PI * ((j * k) % n)) / n
      const [c, s] = [Math.cos(angle), Math.sin(angle)]
      out[2 * k] = out[2 * k]! + x[2 * j]! * c - x[2 * j + 1]! * s
      out[2 * k + 1] = out[2 * k + 1]! + x[2 * j]! * s + x[2 * j + 1]! * c
    }
  }
  return out
}

describe('the transform', () => {
  // Powers of two and four, products of small primes, a large prime, twice one, and one above the largest radix.
  test.each([1, 2, 8, 64, 90, 31, 37, 62, 74, 343, 509, 2048])('of length %i is its definition', (n) => {
    const z = complexSignal(n)
    const expected = definition(z)
    const got = fft.fft(z).dataSync()
    const size = Math.sqrt(expected.reduce((sum, x) => sum + x * x, 0) / n)
    const worst = Math.max(...expected.map((x, i) => Math.abs(x - got[i]!)))
    expect(worst).toBeLessThan(2e-7 * size * 3)
    expect(fft.ifft(fft.fft(z))).toBeAllclose(z, { atol: 1e-6 })
  })

  test.each([63, 64, 90, 262, 509, 1021, 4096])('of length %i, compiled, is close to the interpreter’s', async (n) => {
    const z = complexSignal(n)
    const size = Math.sqrt(n)
    for (const f of [fft.fft, fft.ifft]) {
      const expected = f(z)
      const got = await jit((x: NDArray) => f(x))(z).ready()
      const scale = f === fft.fft ? size : 1 / size
      expect(got).toBeAllclose(expected, { rtol: 0, atol: 1e-5 * scale })
    }
    const half = fft.rfft(signal(n))
    const back = await jit((x: NDArray) => fft.irfft(x, { n }))(half).ready()
    expect(back).toBeAllclose(signal(n), { rtol: 0, atol: 1e-5 })
    const compiled = await jit((x: NDArray) => fft.rfft(x))(signal(n)).ready()
    expect(compiled).toBeAllclose(half, { rtol: 0, atol: 1e-5 * size })
  })

  test('keeps symmetries exactly: a real signal that is its own mirror image has a real spectrum', () => {
    const even = np.array([4, 1, 2, 3, 3, 2, 1])
    expect(np.imag(fft.fft(even))).toBeIdentical(np.zeros([7]))
    expect(np.real(fft.fft(np.array([0, 1, 2, 0, -2, -1])))).toBeIdentical(np.zeros([6]))
  })

  test('of real numbers looks at no imaginary part that they cannot have', () => {
    const spectrum = lax.complex(np.array([1, 2, 3]), np.array([NaN, 1, NaN]))
    expect(fft.irfft(spectrum)).toBeAllclose([2, -1, 0, 0])
  })

  test('takes integers and floats of 16 bits, and keeps batches without rows', () => {
    expect(fft.fft(np.array([1, 0], { dtype: 'int32' })).jsSync()).toEqual([
      { re: 1, im: 0 },
      { re: 1, im: 0 },
    ])
    expect(np.real(fft.rfft(np.array([1, 2], { dtype: 'bfloat16' })))).toBeIdentical(np.array([3, -1]))
    expect(fft.rfft(np.zeros([0, 4])).shape).toEqual([0, 3])
    expect(fft.irfft(lax.complex(np.zeros([0, 3]), np.zeros([0, 3]))).shape).toEqual([0, 4])
    expect(fft.fftn(np.array(3)).jsSync()).toEqual({ re: 3, im: 0 })
  })
})

describe('transformations', () => {
  const power = (x: NDArray): NDArray => np.sum(np.abs(fft.fft(x)).square())

  test('the gradient of the power is that of Parseval’s sum', async () => {
    const x = signal(12)
    expect(power(x)).toBeAllclose(np.sum(x.square()).mul(12), { rtol: 1e-5 })
    expect(grad(power)(x)).toBeAllclose(x.mul(24), { atol: 1e-4 })
    expect(await jit(grad(power))(x).ready()).toBeAllclose(x.mul(24), { atol: 1e-4 })
    expect(hessian(power)(x)).toBeAllclose(np.eye(12).mul(24), { atol: 1e-4 })
    expect(await jit(hessian(power))(x).ready()).toBeAllclose(np.eye(12).mul(24), { atol: 1e-4 })
  })

  test('all derivatives of a functional of a spectrum agree', async () => {
    const f = (x: NDArray): NDArray =>
      np.sum(
        np.log(
          np
            .abs(fft.rfft(x, { n: 9 }))
            .square()
            .add(0.5),
        ),
      )
    await checkGrads(f, [signal(7)], { order: 2 })
    await checkJit(grad(f), [signal(7)], { device: 'cpu', tolerance: { rtol: 1e-4, atol: 1e-5 } })
    const g = (x: NDArray): NDArray => np.abs(fft.rfft(x)).square()
    expect(jacfwd(g)(signal(6))).toBeAllclose(jacrev(g)(signal(6)), { atol: 1e-5 })
  })

  test('go through complex arguments and results', async () => {
    const f = (z: NDArray): NDArray => fft.ifft(np.exp(fft.fft(z).mul(0.1)))
    await checkGrads(f, [complexSignal(6)], { order: 2 })
    const filtered = (x: NDArray): NDArray => fft.irfft(fft.rfft(x).mul(lax.complex(signal(5), signal(5, 2))), { n: 8 })
    await checkGrads(filtered, [signal(8)], { order: 1 })
    const [, pullback] = vjp(filtered, signal(8))
    expect(linearTranspose(filtered, signal(8))(signal(8, 4))[0]).toBeAllclose(pullback(signal(8, 4))[0], {
      atol: 1e-6,
    })
  })

  test('jacfwd of a complex result is complex, as in JAX', () => {
    const matrix = jacfwd((x: NDArray) => fft.fft(x))(np.zeros([4]))
    expect(matrix.dtype).toBe('complex64')
    expect(np.imag(matrix)).toBeAllclose([
      [0, 0, 0, 0],
      [0, -1, 0, 1],
      [0, 0, 0, 0],
      [0, 1, 0, -1],
    ])
  })

  test('vmap over any axis transforms each entry', async () => {
    const x = signal(24).reshape([2, 3, 4])
    for (const axis of [0, 1, 2])
      await checkVmap((y: NDArray) => fft.rfftn(y, { norm: 'ortho' }), [x], { inAxes: axis })
    const z = complexSignal(24).reshape([4, 3, 2])
    await checkVmap((y: NDArray) => fft.hfft(y, { axis: 0 }), [z], { inAxes: 1 })
    await checkVmap(
      grad((y: NDArray) => np.sum(np.abs(fft.fft(y)))),
      [signal(15).reshape([5, 3])],
      { inAxes: 1 },
    )
  })

  test('a filter by convolution, compiled with its gradient, over axes in the middle', async () => {
    const x = signal(2 * 6 * 3).reshape([2, 6, 3])
    const f = (y: NDArray): NDArray =>
      np.sum(fft.irfft2(fft.rfft2(y, { axes: [0, 1] }).mul(0.5), { axes: [0, 1] }).mul(y))
    expect(await jit(f)(x).ready()).toBeAllclose(np.sum(x.square()).mul(0.5), { rtol: 1e-5 })
    expect(await jit(grad(f))(x).ready()).toBeAllclose(x, { atol: 1e-5 })
  })

  test('jvp has the tangent’s transform', () => {
    const [y, dy] = jvp((x: NDArray) => fft.fft(x), [signal(5)], [signal(5, 3)])
    expect(y).toBeIdentical(fft.fft(signal(5)))
    expect(dy).toBeIdentical(fft.fft(signal(5, 3)))
  })
})

describe('complex numbers elsewhere', () => {
  const z = lax.complex(np.array([3, 0, -1]), np.array([4, -2, 0]))

  test('bare numbers are weak beside them', () => {
    expect(z.mul(2).add(1).dataSync()).toEqual(Float32Array.of(7, 8, 1, -4, -1, 0))
    expect(np.divide(1, z.slice([0, 1])).jsSync()).toEqual([{ re: Math.fround(0.12), im: Math.fround(-0.16) }])
    expect(z.pow(2).dataSync()).toEqual(Float32Array.of(-7, 24, -4, -0, 1, -0))
    expect(np.power(z.slice([0, 1]), 0.5).dataSync()).toBeAllclose([2, 1], { rtol: 1e-6 })
    expect(np.where(np.array([true, false, true]), z, 0).dataSync()).toEqual(Float32Array.of(3, 4, 0, 0, -1, 0))
  })

  test('functions of arrays keep both parts', () => {
    const m = np.stack([z, z.mul(lax.complex(np.array(0), np.array(1)))])
    expect(np.cumsum(z).dataSync()).toEqual(Float32Array.of(3, 4, 3, 2, 2, 2))
    expect(np.take(z, np.array([2, 0], { dtype: 'int32' })).dataSync()).toEqual(Float32Array.of(-1, 0, 3, 4))
    expect(np.flip(z).dataSync()).toEqual(Float32Array.of(-1, 0, 0, -2, 3, 4))
    expect(m.T.at(0).dataSync()).toEqual(Float32Array.of(3, 4, -4, 3))
    expect(np.tile(z.slice([0, 1]), [2]).dataSync()).toEqual(Float32Array.of(3, 4, 3, 4))
    expect(np.concatenate([z.slice([0, 1]), np.ones([1])]).dataSync()).toEqual(Float32Array.of(3, 4, 1, 0))
    expect(np.linalg.norm(z).item()).toBeCloseTo(Math.sqrt(30), 5)
    expect(np.vdot(z, z).jsSync()).toEqual({ re: 30, im: 0 })
    expect(np.prod(z).jsSync()).toEqual({ re: -8, im: 6 })
  })

  test('predicates and angles look at both parts', () => {
    expect(np.iscomplex(z).jsSync()).toEqual([true, true, false])
    expect(np.isreal(z).jsSync()).toEqual([false, false, true])
    expect([np.iscomplexobj(z), np.isrealobj(z), np.isrealobj([1])]).toEqual([true, false, true])
    const odd = lax.complex(np.array([NaN, 0, 1]), np.array([0, -Infinity, 1]))
    expect(np.isnan(odd).jsSync()).toEqual([true, false, false])
    expect(np.isinf(odd).jsSync()).toEqual([false, true, false])
    expect(np.isfinite(odd).jsSync()).toEqual([false, false, true])
    expect(np.angle([-1, 0, 2, NaN])).toBeIdentical(np.array([Math.PI, 0, 0, NaN]))
    expect(np.angle(np.array([-0]))).toBeIdentical(np.array([Math.PI]))
    expect(np.absolute(z)).toBeIdentical(np.array([5, 2, 1]))
  })
})
