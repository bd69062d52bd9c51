import { fromBinary } from '@bufbuild/protobuf'
import {
  CotangentError,
  fft,
  grad,
  jit,
  lax,
  linalg,
  NDArray,
  np,
  type ShapeDtypeStruct,
  shapeDtypeStruct,
  ShapeError,
  ValueError,
  vmap,
} from '@cotangent/autodiff'
import { exportOnnx } from '@cotangent/autodiff/onnx'
import { ModelProtoSchema } from 'onnx-buf'
import { describe, expect, test } from 'vitest'
import { expectSame } from '../helpers/device-law.ts'
import { mlp, runModel } from '../helpers/exported.ts'
import { plain } from '../helpers/primitive-cases.ts'

describe('with the batch axis open', () => {
  test('a model takes any batch and gives what the function gives', async () => {
    const model = exportOnnx(mlp, [np.zeros([1, 10])], {
      inputNames: ['data'],
      outputNames: ['summaries'],
      dynamicBatch: true,
    })
    for (const batch of [1, 3, 17]) {
      const x = plain([batch, 10], 'float32', batch)
      const { summaries } = await runModel(model, { data: x })
      expectSame(summaries as NDArray, mlp(x))
    }
  })

  const functions: Readonly<Record<string, (x: NDArray) => NDArray>> = {
    'a softmax over features': (x) => {
      const e = np.exp(x.sub(np.max(x, { axis: 1, keepdims: true })))
      return e.div(np.sum(e, { axis: 1, keepdims: true }))
    },
    'entries in order': (x) => np.sort(x).add(lax.topK(x, 10)[0]),
    'the batch in order': (x) => np.sort(x, { axis: 0 }),
    'entries along an axis': (x) => np.takeAlongAxis(x, np.argsort(x), { axis: 1, mode: 'clip' }),
    'columns, cumulated': (x) => np.cumprod(x.slice(null, np.array(Int32Array.of(2, 0, 9))), { axis: 1 }),
    'columns with a traced start': (x) => lax.dynamicSlice(x, [0, 3], [x.shape[0]!, 4]),
    'a broadcast value': (x) =>
      np
        .sum(x, { axis: 1, keepdims: true })
        .add(np.zeros([10]))
        .mul(np.ones([10])),
    'features regrouped': (x) => x.reshape([-1, 2, 5]).transpose([0, 2, 1]).reshape([-1, 10]),
    'batch and features merged': (x) => x.reshape([-1]).mul(2).reshape([-1, 5]),
    'a sum over the batch': (x) => np.sum(x, { axis: 0 }),
    'an inverse for each': (x) =>
      linalg.inv(
        x
          .reshape([-1, 2, 5])
          .matmul(x.reshape([-1, 5, 2]))
          .add(np.eye(2)),
      ),
    'a convolution and its largest entries': (x) => {
      const y = lax.conv(x.reshape([-1, 2, 5]), plain([3, 2, 2], 'float32'), [1], 'SAME')
      return lax.reduceWindow(y, -Infinity, 'max', [1, 1, 2], [1, 1, 2], 'SAME')
    },
    'the batch last': (x) => x.T.mul(2),
    'the batch reversed': (x) => np.flip(x, { axis: 0 }),
    'a scan over the batch': (x) =>
      lax.scan((c, row) => [np.tanh(c.add(row)), c.mul(row)], np.zeros([10]), x, { reverse: true })[1],
    'a loop for each': (x) => lax.foriLoop(0, 3, (i, y) => np.sin(y.mul(x)).add(i), x),
    'a loop until all are done': (x) =>
      lax.whileLoop(
        (y) => y.abs().lt(30).any(),
        (y) => y.mul(3).add(1),
        x,
      ),
    'a branch': (x) =>
      lax.cond(
        x.sum().gt(0),
        (y) => np.exp(y),
        (y) => y.mul(x),
        x,
      ),
    'the largest of the features': (x) => np.argmax(x, { axis: 1 }).astype('float32').add(x.max(1)).add(x.mean(1)),
    'whether any and all are positive': (x) => np.where(x.gt(0).all(), np.where(x.gt(0).any(), x, x.mul(2)), x.mul(3)),
    'a product over the batch': (x) => np.prod(x, { axis: 0 }),
    'a cumulated sum over the batch': (x) => np.cumsum(x, { axis: 0 }),
    'the batch, padded': (x) =>
      np.pad(
        x,
        [
          [0, 0],
          [1, 2],
        ],
        { mode: 'edge' },
      ),
    'products of all pairs': (x) => np.matmul(x, x.T).sum(1),
    'an einsum': (x) => np.einsum('bi,bj->bij', x, x),
    'an average of windows': (x) =>
      lax.reduceWindow(x.reshape([-1, 2, 5]), 0, 'add', [1, 1, 3], [1, 1, 1], 'VALID').div(3),
    'a transform': (x) => np.real(fft.rfft(x)),
    'a factorization for each': (x) => linalg.cholesky(np.einsum('bi,bj->bij', x, x).add(np.eye(10))),
    'the derivative of a network': grad((x: NDArray) => mlp(x).square().sum()),
    'a network for each': vmap((row: NDArray) => mlp(row)),
    'an index for each of it': (x) => x.mul(lax.broadcastedIota(x.shape, 0, 'float32')),
    'every other of the features': (x) => x.slice(null, [null, null, 2]),
    'features joined': (x) => np.concatenate([x, x.square()], { axis: 1 }),
  }
  test.each(Object.entries(functions))('%s', async (_, f) => {
    const model = exportOnnx(f, [np.zeros([2, 10])], { inputNames: ['x'], outputNames: ['y'], dynamicBatch: true })
    for (const batch of [0, 1, 2, 7]) {
      const x = plain([batch, 10], 'float32', batch)
      expectSame((await runModel(model, { x }))['y'] as NDArray, f(x), [], 20)
    }
  })

  const refused: Readonly<Record<string, (x: NDArray) => NDArray>> = {
    'a mean over it': (x) => x.mean(0),
    'a mean over everything': (x) => x.mean(),
    'a standard deviation over it': (x) => np.std(x, { axis: 0, ddof: 1 }),
    'its size as a number': (x) => x.mul(x.shape[0] as number),
    'its square root': (x) => x.div(Math.sqrt(x.shape[0] as number)),
    'its first three entries': (x) => x.slice([0, 3]),
    'the logarithm of its size': (x) => x.add(Math.log(x.shape[0] as number)),
    'a step for each of it': (x) => x.unstack().reduce((a, b) => a.mul(0.5).add(b)),
    'its last entry': (x) => x.at(-1),
    'all but its last entry': (x) => x.slice([0, -1]),
    'every second entry': (x) => x.slice([null, null, 2]),
    'entries joined to it': (x) => np.concatenate([x, np.zeros([3, 10])]),
    'a loop of its size': (x) => lax.foriLoop(0, x.shape[0] as number, (_, y) => y.mul(0.5), x),
    'a scan over it in groups': (x) => lax.scan((c, row) => [c.add(row), null], np.zeros([10]), x, { unroll: 2 })[0],
  }
  test.each(Object.entries(refused))('%s is refused', (_, f) => {
    expect(() => exportOnnx(f, [np.zeros([2, 10])], { dynamicBatch: true })).toThrow(ValueError)
    expect(() => exportOnnx(f, [np.zeros([2, 10])], { dynamicBatch: true })).toThrow(/dynamicBatch: false/)
    expect(exportOnnx(f, [np.zeros([2, 10])]).length).toBeGreaterThan(100)
  })

  test('an input without axes is refused', () => {
    expect(() => exportOnnx((x: NDArray) => x, [np.array(1)], { dynamicBatch: true })).toThrow(ShapeError)
  })
})

describe('with several axes open', () => {
  const attend = (q: NDArray, k: NDArray): NDArray => {
    const scores = np.einsum('bqd,bkd->bqk', q, k)
    const weights = np.exp(scores.sub(scores.max({ axis: -1, keepdims: true })))
    return np.einsum('bqk,bkd->bqd', weights.div(weights.sum({ axis: -1, keepdims: true })), k).reshape([-1, 3])
  }
  const specs: [ShapeDtypeStruct, ShapeDtypeStruct] = [shapeDtypeStruct([1, 2, 3]), shapeDtypeStruct([1, 2, 3])]
  const options = {
    names: { 'arguments[0]': 'queries', 'arguments[1]': 'keys', output: 'rows' },
    dynamicAxes: { queries: { 0: 'batch', 1: 'time' }, keys: { 0: 'batch', [-2]: 'memory' } },
  }

  test('each may be of any size, and products of them too', async () => {
    const model = exportOnnx(attend, specs, options)
    const { graph } = fromBinary(ModelProtoSchema, model)
    const shape = (value: { type?: { value: unknown } }): unknown[] =>
      (value.type!.value as { value: { shape: { dim: { value: { value: unknown } }[] } } }).value.shape.dim.map(
        (d) => d.value.value,
      )
    expect(graph!.input.map(shape)).toEqual([
      ['batch', 'time', 3n],
      ['batch', 'memory', 3n],
    ])
    expect(graph!.output.map(shape)).toEqual([['batch*time', 3n]])
    for (const [batch, time, memory] of [
      [1, 1, 1],
      [2, 5, 3],
      [4, 1, 7],
      [0, 2, 2],
      [2, 0, 3],
    ] as const) {
      const [q, k] = [plain([batch, time, 3], 'float32', 1), plain([batch, memory, 3], 'float32', 2)]
      expectSame((await runModel(model, { queries: q, keys: k }))['rows'] as NDArray, attend(q, k), [], 5)
    }
    expect(
      jit(attend)
        .lower(...specs)
        .toOnnx(options),
    ).toEqual(model)
    const plainly: [{ shape: number[]; dtype: 'float32' }, NDArray] = [
      { shape: [9, 9, 3], dtype: 'float32' },
      np.zeros([1, 1, 3]),
    ]
    expect(exportOnnx(attend, plainly, options)).toEqual(model)
  })

  test('a size of the program that is a multiple of the first prime tried does no harm', async () => {
    const w = np.ones([1009, 2])
    const model = exportOnnx((x: NDArray) => x.matmul(w), [np.zeros([1, 1009])], {
      inputNames: ['x'],
      outputNames: ['y'],
      dynamicBatch: true,
    })
    const x = np.ones([3, 1009])
    expectSame((await runModel(model, { x }))['y'] as NDArray, np.full([3, 2], 1009))
  })

  const refused: readonly (readonly [string, () => unknown, RegExp])[] = [
    [
      'axes that must be alike',
      () =>
        exportOnnx((x: NDArray, y: NDArray) => x.add(y), [np.zeros([2]), np.zeros([2])], {
          inputNames: ['x', 'y'],
          dynamicAxes: { x: { 0: 'a' }, y: { 0: 'b' } },
        }),
      /shapes/,
    ],
    [
      'a mean over one of them',
      () =>
        exportOnnx((x: NDArray) => x.mean(1), [np.zeros([2, 3])], {
          inputNames: ['x'],
          dynamicAxes: { x: { 0: 'a', 1: 'b' } },
        }),
      /uses the size of an open axis \(a, b\) as a number/,
    ],
    [
      'an unknown input',
      () => exportOnnx(np.tanh, [np.zeros([2])], { dynamicAxes: { data: { 0: 'batch' } } }),
      /"data", which is no input; there are arguments\[0\]/,
    ],
    [
      'an axis that is not there',
      () => exportOnnx(np.tanh, [np.zeros([2])], { inputNames: ['x'], dynamicAxes: { x: { 1: 'batch' } } }),
      /dynamicAxes of x/,
    ],
    [
      'an axis without a name',
      () => exportOnnx(np.tanh, [np.zeros([2])], { inputNames: ['x'], dynamicAxes: { x: [0] as never } }),
      /dynamicAxes names axes, as/,
    ],
    [
      'five names',
      () =>
        exportOnnx(np.tanh, [np.zeros([1, 1, 1, 1, 1])], {
          inputNames: ['x'],
          dynamicAxes: { x: { 0: 'a', 1: 'b', 2: 'c', 3: 'd', 4: 'e' } },
        }),
      /5 open sizes \(a, b, c, d, e\); a model can have 4/,
    ],
    [
      'names of nothing',
      () => exportOnnx(np.tanh, [np.zeros([2])], { names: { data: 'x' } }),
      /names has "data", which is no array of the function; there are arguments\[0\], output/,
    ],
    [
      'an unknown option',
      () => exportOnnx(np.tanh, [np.zeros([2])], { dynamicAxis: {} } as never),
      /has no option dynamicAxis/,
    ],
  ]
  test.each(refused)('%s: refused', (_, run, message) => {
    expect(run).toThrow(CotangentError)
    expect(run).toThrow(message)
  })
})
