import type { NDArray } from '../../array/ndarray.ts'
import * as fft from '../../fft/index.ts'
import * as lax from '../../lax/index.ts'
import * as np from '../../numpy/index.ts'
import { axisOf, few, flat, held, lined, type Operations, rowsOf } from './operation.ts'

const integers = (...values: number[]): NDArray<'int32'> => np.array(Int32Array.from(values))
/** One index a row, each moved into the array. */
const places = (...values: number[]): NDArray<'int32'> => integers(...values).reshape([-1, 1])

const rowGather = { offsetDims: [], collapsedSliceDims: [0], startIndexMap: [0] }
const elementScatter = { updateWindowDims: [], insertedWindowDims: [0], scatterDimsToOperandDims: [0] }

/** Windows, indices, order and layout. */
export const structureOperations: Operations = {
  pad: (x, y, n) => lax.pad(flat(x), np.mean(y), { low: [n - 1], high: [1], interior: [n % 2] }),
  padModes: (x, _, n) => np.pad(flat(x), [1, 2], { mode: (['edge', 'wrap', 'reflect', 'mean'] as const)[n]! }),
  roll: (x, _, n) => np.roll(lined(x), n - 1, { axis: 0 }),
  rot90: (x, _, n) => np.rot90(rowsOf(x), { k: n }),
  repeat: (x, _, n) => np.repeat(flat(x).slice([0, 5]), 1 + (n % 2)),
  tile: (x) => np.tile(flat(x).slice([0, 5]), [2, 1]),
  insert: (x, y) => np.insert(flat(x), 0, np.mean(y)),
  triangle: (x, _, n) => np.tril(rowsOf(x), n - 1),
  diagonal: (x) => np.diagonal(rowsOf(x)),
  diagonalMatrix: (x) => np.diag(flat(x).slice([0, 4])),
  trace: (x) => np.trace(rowsOf(x)),
  kron: (x, y) => np.kron(few(x, 3), few(y, 2)),
  tensordot: (x, y) => np.tensordot(rowsOf(held(x)).slice([0, 2]), flat(held(y)).slice([0, 1]), 0),
  meshgrid: (x, y) => np.meshgrid(flat(x).slice([0, 3]), flat(y).slice([0, 2]))[0]!,
  diff: (x) => np.diff(np.append(flat(x), 0.25)),
  gradient: (x) => np.gradient(np.append(flat(x), [0.25, 0.5])) as NDArray,
  interpolate: (x, y) => np.interp(np.mean(np.tanh(x)), [-1.1, 0.07, 1.2], np.resize(flat(y), [3])),
  gatherClipped: (x) =>
    lax.gather(flat(x), places(0, 99, -5), { dimensionNumbers: rowGather, sliceSizes: [1], mode: 'clip' }),
  gatherFilled: (x) =>
    lax.gather(flat(x), places(0, 99), { dimensionNumbers: rowGather, sliceSizes: [1], fillValue: 0.5 }),
  takeAlongAxis: (x, _, n) =>
    np.takeAlongAxis(lined(x), np.argsort(lined(x), { axis: axisOf(lined(x), n) }), { axis: axisOf(lined(x), n) }),
  scatterAdd: (x, y) =>
    lax.scatterAdd(flat(x), places(0, 1, 0), np.resize(held(flat(y)), [3]), { dimensionNumbers: elementScatter }),
  scatterMul: (x, y) =>
    lax.scatterMul(held(flat(x)), places(0, 7), np.resize(held(flat(y)), [2]), {
      dimensionNumbers: elementScatter,
      uniqueIndices: true,
    }),
  scatterExtremes: (x, y, n) =>
    (n % 2 === 0 ? lax.scatterMin : lax.scatterMax)(flat(x), places(0), np.mean(y).reshape([1]), {
      dimensionNumbers: elementScatter,
    }),
  scatterClipped: (x, y) =>
    lax.scatter(flat(x), places(40), np.mean(y).reshape([1]), { dimensionNumbers: elementScatter, mode: 'clip' }),
  maxAt: (x, y) => flat(x).maxAt(0, np.mean(y)),
  update: (x, y, n) => lax.dynamicUpdateSlice(flat(x), np.mean(y).reshape([1]), [n - 1]),
  updateByValue: (x, y) => lax.dynamicUpdateSlice(flat(x), np.mean(y).reshape([1]), [np.argmax(flat(x))]),
  topK: (x) => lax.topK(flat(x), 1)[0],
  sortTogether: (x, _, n) => lax.sortKeyVal(lined(x), np.sin(lined(x)), { dimension: axisOf(lined(x), n) })[1],
  windowSums: (x) => lax.reduceWindow(flat(x), 0, 'add', [2], [1], 'SAME') as NDArray,
  windowExtremes: (x, _, n) =>
    lax.reduceWindow(
      flat(x),
      n % 2 === 0 ? -Infinity : Infinity,
      n % 2 === 0 ? 'max' : 'min',
      [3],
      [2],
      'SAME',
    ) as NDArray,
  windowProducts: (x) => lax.reduceWindow(held(flat(x)), 1, 'mul', [2], [2], 'SAME') as NDArray,
  reduceByFunction: (x) =>
    lax.reduce(held(flat(x)), 0, (a: NDArray, b: NDArray) => a.add(b).add(a.mul(b).mul(0.1)), [0]) as NDArray,
  convolution: (x, y, n) =>
    lax.convGeneralDilated(
      held(flat(x)).reshape([1, 1, -1]),
      np.resize(held(flat(y)), [2, 1, 2]),
      [1 + (n % 2)],
      [[1, 1]],
      { rhsDilation: [1 + (n >> 1)] },
    ),
  broadcastInDim: (x) => lax.broadcastInDim(few(x, 4), [2, few(x, 4).size], [1]),
  expandAndSqueeze: (x) => np.squeeze(np.expandDims(x, 0)),
  movedAxes: (x) => np.moveaxis(np.stack([x, x.mul(2)]), 0, -1),
  split: (x) => np.split(np.concatenate([flat(x), flat(x).mul(0.5)]), 2)[1]!,
  applyAlong: (x) => np.applyAlongAxis((row: NDArray) => row.sub(row.mean()), 0, lined(x)),
  // Spectra are complex64: only for programs of float32.
  spectrum: (x) => {
    if (x.dtype === 'float64') return np.cos(x)
    const z = fft.rfft(flat(x))
    return np.real(z).square().add(np.imag(z).square()).mul(0.1)
  },
  filtered: (x, _, n) => {
    if (x.dtype === 'float64') return np.sin(x)
    const z = fft.fft(flat(x), { n: 4 + n })
    return np.real(fft.ifft(z.mul(z)))
  },
}
