import {
  checkpoint,
  checkpointPolicies,
  type CheckpointPolicy,
  customJvp,
  customVjp,
  grad,
  hessian,
  jacfwd,
  jit,
  jvp,
  lax,
  linearize,
  makeJaxpr,
  type NDArray,
  np,
  remat,
  splitVjp,
  vjp,
  vmap,
} from '@cotangent/autodiff'
import { checkGrads, checkJit, checkVmap } from '@cotangent/autodiff/testing'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromBinary } from '@bufbuild/protobuf'
import { ModelProtoSchema } from 'onnx-buf'
import { InferenceSession } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import '../helpers/matchers.ts'

const js = { device: 'js' } as const
type Fn = (x: NDArray) => NDArray

const n = 10
const x = np.linspace(-1, 1, n)

/** Five nonlinear operations, each of which needs its own operand for its derivative. */
const block: Fn = (y) => np.sin(np.sin(np.sin(np.sin(np.sin(y)))))
const repeat =
  (f: Fn, times: number): Fn =>
  (y) => {
    let z = y
    for (let i = 0; i < times; i++) z = f(z)
    return z
  }

/** How many numbers the forward half hands to the backward half, its argument included. */
const kept = (f: Fn, at: NDArray = x): number => {
  const { forward } = splitVjp(f, [at])
  return forward(at)[1].reduce((sum, r) => sum + r.size, 0)
}

describe('what reverse mode keeps', () => {
  test('is every operand without, and the argument alone with a checkpoint', () => {
    expect(kept(block)).toBe(5 * n)
    expect(kept(checkpoint(block))).toBe(n)
    expect(kept(remat(repeat(block, 40)))).toBe(n)
  })

  test('of a chain of blocks is one operand a block', () => {
    expect(kept(repeat(block, 8))).toBe(40 * n)
    expect(kept(repeat(checkpoint(block), 8))).toBe(8 * n)
  })

  test('of a checkpoint in a checkpoint is the outer argument', () => {
    expect(kept(checkpoint(repeat(checkpoint(block), 8)))).toBe(n)
    expect(kept(repeat(checkpoint(repeat(checkpoint(block), 4)), 2))).toBe(2 * n)
  })

  test('through jit and vmap is the same', () => {
    expect(kept(jit(repeat(checkpoint(block), 8), js))).toBe(8 * n)
    expect(kept(checkpoint(jit(repeat(block, 8), js)))).toBe(n)
    expect(kept(vmap(checkpoint(block)))).toBe(n)
    expect(kept(checkpoint(vmap(block)))).toBe(n)
  })

  test('is what the policy names', () => {
    const w = np.ones([n, n]).mul(0.1)
    const layers: Fn = (y) => np.sin(np.tanh(np.sin(y.matmul(w)).matmul(w)))
    const { everythingSaveable, nothingSaveable, dotsSaveable, dotsWithNoBatchDimsSaveable } = checkpointPolicies
    const under = (policy: CheckpointPolicy): number => kept(checkpoint(layers, { policy }))
    const plain = kept(layers)
    // w is a constant: the operands of sin, tanh and sin.
    expect(plain).toBe(3 * n)
    expect(under(everythingSaveable)).toBe(plain)
    expect(under(nothingSaveable)).toBe(n)
    expect(under(dotsSaveable)).toBe(2 * n)
    expect(under(dotsWithNoBatchDimsSaveable)).toBe(2 * n)
    expect(under((name) => name === 'tanh')).toBe(2 * n)
    const batched: Fn = (y) => np.sin(y.reshape([2, 1, 5]).matmul(y.reshape([2, 5, 1])))
    expect(kept(checkpoint(batched, { policy: dotsSaveable }))).toBe(n + 2)
    expect(kept(checkpoint(batched, { policy: dotsWithNoBatchDimsSaveable }))).toBe(n)
  })

  test('of a linear function is nothing', () => {
    expect(kept(checkpoint((y: NDArray) => y.mul(3).reshape([2, 5]).sum(0)))).toBe(0)
  })
})

describe('values and derivatives', () => {
  const scaled = (y: NDArray, c: NDArray): NDArray => np.sin(np.exp(y.mul(c)).mul(y)).mul(c)
  const saved = checkpoint(scaled)
  const c = np.array(0.5)

  test('are those of the function, in every mode and nesting', () => {
    const sum = (f: typeof scaled) => (y: NDArray, k: NDArray) => f(y, k).sum()
    expect(saved(x, c)).toBeIdentical(scaled(x, c))
    expect(jvp(saved, [x, c], [x, c])[1]).toBeAllclose(jvp(scaled, [x, c], [x, c])[1])
    const both = { argnums: [0, 1] } as const
    const [gx, gc] = grad(sum(saved), both)(x, c)
    const [ex, ec] = grad(sum(scaled), both)(x, c)
    expect(gx).toBeAllclose(ex)
    expect(gc).toBeAllclose(ec)
    expect(linearize(saved, x, c)[1](x, c)).toBeAllclose(linearize(scaled, x, c)[1](x, c))
    expect(jacfwd(saved)(x, c)).toBeAllclose(jacfwd(scaled)(x, c))
    expect(vjp(saved, x, c)[1](x)[0]).toBeAllclose(vjp(scaled, x, c)[1](x)[0])
    expect(hessian(sum(saved))(x, c)).toBeAllclose(hessian(sum(scaled))(x, c))
    expect(hessian(sum(checkpoint(jit(checkpoint(scaled), js))))(x, c)).toBeAllclose(hessian(sum(scaled))(x, c))
    const perEntry = { inAxes: [0, null] } as const
    expect(vmap(grad(saved), perEntry)(x, c)).toBeAllclose(vmap(grad(scaled), perEntry)(x, c))
    expect(grad(sum(vmap(saved, perEntry)))(x, c)).toBeAllclose(ex)
    expect(jit(grad(sum(saved)), js)(x, c)).toBeAllclose(ex)
    expect(grad(sum(jit(saved, js)))(x, c)).toBeAllclose(ex)
  })

  test('are right to third order, under every policy', async () => {
    const at = np.array([0.3, -0.7], { dtype: 'float64' })
    for (const policy of Object.values(checkpointPolicies)) {
      await checkGrads(
        checkpoint((y: NDArray) => np.sin(np.exp(y)).mul(y), { policy }),
        [at],
        { order: 3 },
      )
    }
    await checkGrads(
      checkpoint(
        repeat(
          checkpoint((y) => np.sin(y.mul(y))),
          3,
        ),
      ),
      [at],
      { order: 2 },
    )
    await checkVmap(vmap(grad(checkpoint((y: NDArray) => np.sin(np.exp(y))))), [np.ones([2, 3])])
  })

  test('are right for closed-over values, trees, integers and custom rules', () => {
    const outer = (k: NDArray): NDArray => checkpoint((y: NDArray) => np.sin(y.mul(k)))(x).sum()
    expect(grad(outer)(2)).toBeAllclose(grad((k: NDArray) => np.sin(x.mul(k)).sum())(2))
    const f = checkpoint((p: { w: NDArray; i: NDArray }) => ({ y: np.exp(p.w.mul(p.i)), i: p.i.add(1) }))
    const p = { w: np.array([1, 2]), i: np.array([2, 3], { dtype: 'int32' }) }
    const g = grad((w: NDArray) => f({ ...p, w }).y.sum())(p.w)
    expect(g).toBeAllclose(np.exp(np.array([2, 6])).mul(np.array([2, 3])))
    const rule = customVjp((y: NDArray) => np.sin(y), {
      forward: (y) => [np.sin(y), y],
      backward: (_, ct) => [ct.mul(5)],
    })
    expect(grad((y: NDArray) => checkpoint(rule)(y).sum())(x)).toBeIdentical(np.full([n], 5))
    expect(kept(checkpoint(repeat(rule, 3)))).toBe(n)
  })

  test('are the same on ONNX Runtime', async () => {
    const loss: Fn = (y) => repeat(checkpoint(block), 3)(y).sum()
    await checkJit(grad(loss), [x], { device: 'cpu' })
    await checkJit(vmap(grad(checkpoint(block))), [x], { device: 'cpu' })
    await checkJit(
      hessian((y: NDArray) => checkpoint(loss)(y)),
      [np.ones([2])],
      { device: 'cpu' },
    )
  })
})

describe('the second computation stays a second one', () => {
  const loss: Fn = (y) => repeat(checkpoint(block), 2)(y).sum()
  const count = (text: string, what: RegExp): number => text.match(what)?.length ?? 0

  test('in the program: it is inside the equation of the backward pass', () => {
    const text = makeJaxpr(grad(loss))(x).toString()
    expect(count(text, / = checkpoint/g)).toBe(3)
    expect(count(text, / = optimization_barrier/g)).toBe(2)
  })

  test('after ONNX Runtime’s own optimizations', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cotangent-checkpoint-'))
    const sines = async (f: Fn): Promise<number> => {
      const optimizedModelFilePath = join(folder, 'optimized.onnx')
      const model = jit(grad(f)).lower(x).toOnnx()
      await InferenceSession.create(model, {
        graphOptimizationLevel: 'all',
        optimizedModelFilePath,
        logSeverityLevel: 3,
      })
      const { graph } = fromBinary(ModelProtoSchema, readFileSync(optimizedModelFilePath))
      return graph!.node.filter((node) => node.opType === 'Sin').length
    }
    try {
      // The last sine of a block is needed for the value alone, which nobody asks for.
      expect(await sines((y) => repeat(block, 2)(y).sum())).toBe(9)
      // 5 of the first block for the second, and 4 of each again.
      expect(await sines(loss)).toBe(13)
      const merged: Fn = (y) => repeat(checkpoint(block, { preventCse: false }), 2)(y).sum()
      expect(await sines(merged)).toBe(9)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

test('a checkpoint, a rule of one’s own and their derivatives run in the body of a scan on the interpreter', () => {
  const ruled = customJvp((y: NDArray) => np.sin(y), { jvp: ([y], [dy]) => [np.sin(y), np.cos(y).mul(dy)] })
  const rows = np.array([0.5, 1, 1.5], { dtype: 'float64' })
  for (const f of [checkpoint((y: NDArray) => np.sin(y)), ruled]) {
    const mapped: Fn = (y) => lax.map(f, y)
    expect(mapped(rows)).toBeAllclose(np.sin(rows))
    expect(jit(mapped, { device: 'js' })(rows)).toBeAllclose(np.sin(rows))
    expect(grad((y: NDArray) => mapped(y).sum())(rows)).toBeAllclose(np.cos(rows))
  }
})
