import { DTypeError, jit, lax, np, ShapeError, ValueError } from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import { testMisuses, untyped } from './misuse.ts'

const x = np.ones([2, 3])
const v = np.ones([3])

describe('einsum', () => {
  const einsum = (text: string, ...xs: Parameters<typeof np.sum>[0][]) => np.einsum(text, ...xs)
  testMisuses([
    [
      'too few operands',
      () => einsum('ij,jk', x),
      ValueError,
      "einsum: 'ij,jk' of [2, 3]",
      '2 operands, and 1 are given',
    ],
    ['no operand', () => einsum('i'), ValueError, "einsum: 'i'", '0 are given'],
    ['two arrows', () => einsum('i->i->i', v), ValueError, 'more than one', 'inputs->output'],
    ['a digit as a label', () => einsum('i1', x), ValueError, "'1' in 'i1' is no label", 'a-z'],
    ['a lone dot', () => einsum('i.', x), ValueError, "'i.' has a '.'", '...'],
    ['too few labels', () => einsum('i', x), ValueError, "'i' labels 1 axes, operand 0 has 2", "'...'"],
    ['too many labels', () => einsum('ijk', x), ValueError, "'ijk' labels 3 axes, operand 0 has 2", 'take labels away'],
    ['too many labels beside an ellipsis', () => einsum('...ijk', x), ValueError, 'take labels away'],
    [
      'a label of the output that no input has',
      () => einsum('ij->ik', x),
      ValueError,
      "the output has 'k', no input does",
    ],
    ['a label twice in the output', () => einsum('ij->ii', x), ValueError, "'i' twice", 'np.diag'],
    [
      'axes of one label that differ',
      () => einsum('ij,jk', x, x),
      ShapeError,
      "'ij,jk' of [2, 3], [2, 3]",
      "axes of 'j' are 3 and 2 long",
    ],
    ['a diagonal of unequal axes', () => einsum('ii', x), ShapeError, "axes of 'i' are 2 and 3 long"],
    ['a diagonal of 1 and more', () => einsum('ii', np.ones([1, 3])), ShapeError, "axes of 'i' are 1 and 3 long"],
    [
      'an unknown way to optimize',
      () => np.einsum('i,i', v, v, { optimize: untyped('fast') }),
      ValueError,
      '"fast"',
      "'greedy'",
    ],
    [
      'a path that leaves two',
      () => np.einsum('i,i,i', v, v, v, { optimize: [[0, 1]] }),
      ValueError,
      '[[0,1]]',
      'np.einsumPath',
    ],
    [
      'the best order of too many',
      () => np.einsum<string>('a,'.repeat(16) + 'a', ...Array.from({ length: 17 }, () => v), { optimize: 'optimal' }),
      ValueError,
      '17 operands',
      "'greedy'",
    ],
    ['a path of one place twice', () => np.einsum('i,i', v, v, { optimize: [[0, 0]] }), ValueError, '[[0,0]]'],
  ])
})

describe('reductions and statistics', () => {
  testMisuses([
    ['max with where and nothing for nothing', () => np.max(x, { where: x.gt(0) }), ValueError, 'max', 'initial'],
    ['min over nothing', () => np.min(np.zeros([0])), ShapeError, 'no elements'],
    ['where that does not broadcast', () => np.sum(x, { where: [true, false] }), ShapeError, '[2]', '[2, 3]'],
    ['where of more axes', () => np.sum(v, { where: x }), ShapeError, 'sum: where has 2 axes, the array 1'],
    ['an unknown dtype', () => np.sum(x, { dtype: untyped('f4') }), DTypeError, 'sum', 'f4'],
    ['the span of booleans', () => np.ptp([true]), DTypeError, 'ptp: bool', 'astype'],
    ['ddof and correction', () => np.var(x, { ddof: 1, correction: 1 }), ValueError, 'ddof 1 and correction 1'],
    ['cumulativeSum without an axis', () => np.cumulativeSum(x), ShapeError, 'cumulativeSum', '2 axes', '{ axis }'],
    ['cumulativeSum of a scalar', () => np.cumulativeSum(1), ShapeError, 'cumulativeSum', '0 axes'],
    ['a quantile of nothing', () => np.quantile(np.zeros([0]), 0.5), ShapeError, 'quantile', '[0] has no entries'],
    ['an unknown method', () => np.percentile(x, 5, { method: untyped('best') }), ValueError, '"best"', 'midpoint'],
    ['a matrix of quantiles', () => np.quantile(x, [[0.5]]), ShapeError, 'q has the shape [1, 1]'],
    ['median along no axis', () => np.median(x, { axis: 2 }), ShapeError, 'median: axis 2'],
    ['weights of another shape', () => np.average(x, { weights: v }), ValueError, '[2, 3]', '[3]', '`axis`'],
    ['weights of another axis', () => np.average(x, { weights: v, axis: 0 }), ShapeError, 'must be [2]'],
    ['cov of three axes', () => np.cov(np.ones([2, 2, 2])), ValueError, 'cov', '3 axes'],
    ['cov with fewer observations in y', () => np.cov(x, [1, 2]), ShapeError, '3 observations', '2 in y'],
    ['cov with too few weights', () => np.cov(x, { aweights: [1] }), ShapeError, 'aweights', '[3]'],
    ['cov with half a frequency', () => np.cov(x, { fweights: [0.5, 1, 1] }), DTypeError, 'fweights', 'whole'],
    ['cov in int32', () => np.cov(x, { dtype: 'int32' }), DTypeError, 'cov: int32'],
  ])
})

describe('padding, repeating, stacking', () => {
  testMisuses([
    ['a negative width', () => np.pad(v, -1), ValueError, 'pad: padWidth -1', 'slice'],
    ['three widths', () => np.pad(x, [1, 2, 3]), ShapeError, 'padWidth', '[3]', '2 pairs'],
    [
      'pairs for other axes',
      () =>
        np.pad(x, [
          [1, 1],
          [1, 1],
          [1, 1],
        ]),
      ShapeError,
      '[3, 2]',
      '2 pairs',
    ],
    ['an unknown mode', () => np.pad(v, 1, { mode: untyped('mirror') }), ValueError, '"mirror"', 'reflect'],
    [
      'a value for another mode',
      () => np.pad(v, 1, { mode: 'edge', constantValues: 1 }),
      ValueError,
      'constantValues',
      'edge',
    ],
    [
      'the edge of nothing',
      () => np.pad(np.zeros([0]), 1, { mode: 'edge' }),
      ShapeError,
      'axis 0 of [0] is empty',
      "'edge'",
    ],
    ['a statistic of nothing', () => np.pad(v, 1, { mode: 'mean', statLength: 0 }), ValueError, 'statLength is 0'],
    ['counts for other entries', () => np.repeat(v, [1, 2]), ShapeError, 'repeat: 2 counts', '3 entries'],
    ['half a count', () => np.repeat(v, [1, 0.5, 1]), DTypeError, 'repeat: the counts', 'whole'],
    ['a negative count', () => np.repeat(v, np.array([1, -1, 1], { dtype: 'int32' })), ValueError, 'repeat: -1'],
    [
      'traced counts without a length',
      () => jit((n: typeof v) => np.repeat(v, n.astype('int32')), { device: 'js' })(v),
      ValueError,
      'repeat',
      'totalRepeatLength',
    ],
    ['a negative size', () => np.resize(v, [-1]), ShapeError, 'resize: [-1]'],
    ['a block of uneven lists', () => np.block([[v], v]), ValueError, 'block', '1 and 0 deep'],
    ['an empty block', () => np.block([[]]), ValueError, 'block', '[]'],
    ['vstack of nothing', () => np.vstack([]), ValueError, 'vstack: there are no arrays'],
    ['hstack that does not fit', () => np.hstack([x, np.ones([3, 3])]), ShapeError, 'concatenate', '[2, 3]', '[3, 3]'],
    ['concatenate of scalars', () => np.concatenate([1, 2]), ShapeError, 'concatenate: a scalar', 'np.stack'],
    ['no parts', () => np.arraySplit(v, 0), ValueError, 'arraySplit: there are no 0 parts'],
    ['vsplit of a vector', () => np.vsplit(v, 1), ShapeError, 'vsplit: [3] has 1 axes'],
    ['half a turn too little', () => np.rot90(x, { k: 0.5 }), ValueError, 'rot90: 0.5 quarter turns'],
    ['rot90 of a vector', () => np.rot90(v), ShapeError, 'rot90: [3]'],
    ['moveaxis to fewer places', () => np.moveaxis(x, [0, 1], [0]), ShapeError, 'moveaxis: 2 axes have 1 places'],
  ])
})

describe('products, slopes, polynomials, grids', () => {
  testMisuses([
    ['inner of other lengths', () => np.inner(x, [1, 2]), ShapeError, 'tensordot', '[2, 3]', '[2]'],
    ['tensordot over too many axes', () => np.tensordot(v, x), ShapeError, 'no 2 axes', '[3]'],
    ['tensordot over unpaired axes', () => np.tensordot(x, x, [[0, 1], [0]]), ShapeError, '2 axes of', '1 of', 'pairs'],
    ['vecdot of other lengths', () => np.vecdot(x, [1, 2]), ShapeError, 'vecdot', '[2, 3]', '[2]'],
    ['matvec of vectors', () => np.matvec(v, v), ShapeError, 'matvec: [3] is no matrix', 'np.vecdot'],
    ['vecmat that does not fit', () => np.vecmat(v, x), ShapeError, 'vecmat', '[3]', '[2, 3]'],
    ['cross of four', () => np.cross(np.ones([4]), np.ones([4])), ShapeError, 'cross', '4 entries, not 2 or 3'],
    ['the transpose of a vector', () => np.matrixTranspose(v), ShapeError, 'matrixTranspose: [3]'],
    [
      'the diagonal of one axis twice',
      () => np.diagonal(x, { axis1: 1 }),
      ShapeError,
      'diagonal: an axis appears twice',
    ],
    ['half a diagonal', () => np.eye(2, { k: 0.5 }), ValueError, 'eye: there is no diagonal 0.5'],
    ['the differences of a scalar', () => np.diff(1), ShapeError, 'diff: an array of shape []'],
    ['half a difference', () => np.diff(v, { n: 0.5 }), ValueError, 'diff: 0.5 times'],
    ['a slope of one entry', () => np.gradient([1]), ShapeError, 'gradient: axis 0 of [1] is shorter than 2'],
    ['three spacings', () => np.gradient(x, 1, 2, 3), ValueError, 'gradient: 3 spacings for 2 axes'],
    ['too few points', () => np.gradient(v, [1, 2]), ShapeError, 'gradient: points of shape [2]', 'a vector of 3'],
    [
      'points and values that differ',
      () => np.interp(1, [1, 2], [1, 2, 3]),
      ShapeError,
      'interp: points of shape [2] and values of [3]',
    ],
    ['no points', () => np.interp(1, [], []), ValueError, 'interp: there are 0 points'],
    ['another word', () => np.interp(1, [1], [1], { left: untyped('linear') }), ValueError, '"linear"', 'extrapolate'],
    ['polyval without coefficients', () => np.polyval(1, v), ShapeError, 'polyval', '[c]'],
    ['polyadd of matrices', () => np.polyadd(x, v), ShapeError, 'polyadd', '[2, 3]', 'vmap'],
    ['half a derivative', () => np.polyder(v, 0.5), ValueError, 'polyder: the order is 0.5'],
    ['too few constants', () => np.polyint(v, { m: 3, k: [1, 2] }), ShapeError, 'polyint: k has the shape [2]', '3'],
    ['a division by nothing', () => np.polydiv(v, []), ValueError, 'polydiv: the divisor'],
    ['multiples of both signs', () => np.geomspace(-1, 1), ValueError, 'geomspace: from -1 to 1'],
    ['a grid of matrices', () => np.meshgrid(x), ShapeError, 'meshgrid', '[2, 3]'],
    ['another indexing', () => np.meshgrid(v, { indexing: untyped('yx') }), ValueError, '"yx"', "'ij'"],
    ['powers of a matrix', () => np.vander(x), ShapeError, 'vander', '[2, 3]'],
    ['a convolution of matrices', () => np.convolve(x, v), ShapeError, 'convolve', '[2, 3]'],
    ['another overlap', () => np.correlate(v, v, { mode: untyped('half') }), ValueError, '"half"', 'same'],
    ['half a window', () => np.hamming(0.5), ValueError, 'hamming: 0.5 numbers'],
  ])
})

describe('functions of functions, and of dtypes', () => {
  testMisuses([
    [
      'no signature',
      () => np.vectorize((a) => a, { signature: 'n->n' })(v),
      ValueError,
      "'n->n' is no signature",
      '(n,m),(m)->(n)',
    ],
    [
      'too few arguments',
      () => np.vectorize((a) => a, { signature: '(n),(n)->(n)' })(v),
      ValueError,
      '1 arguments',
      'has 2',
    ],
    ['too few axes', () => np.vectorize((a) => a, { signature: '(n,m)->(n)' })(v), ShapeError, 'argument 0', '(n, m)'],
    [
      'one name for two lengths',
      () => np.vectorize((a) => a, { signature: '(n),(n)->(n)' })(v, [1, 2]),
      ShapeError,
      'axis n is 3 long, and 2',
    ],
    ['another result', () => np.vectorize((a) => a, { signature: '(n)->()' })(v), ShapeError, 'result 0', '[3]'],
    [
      'fewer pieces',
      () => np.piecewise(v, [v.gt(0), v.lt(0)], [1]),
      ValueError,
      '2 conditions take 2 or 3 pieces, not 1',
    ],
    ['another condition', () => np.piecewise(v, [[true, false]], [1]), ShapeError, 'condition 0', '[2]', '[3]'],
    ['a function that adds axes', () => np.applyOverAxes((a) => np.stack([a]), v, 0), ShapeError, '[1, 3]'],
    ['the precision of integers', () => np.finfo('int32'), DTypeError, 'finfo: int32', 'np.iinfo'],
    ['the range of floats', () => np.iinfo('float32'), DTypeError, 'iinfo: float32', 'np.finfo'],
    ['another cast', () => np.canCast('int32', 'bool', { casting: untyped('sure') }), ValueError, '"sure"', "'unsafe'"],
    ['another kind', () => np.isdtype('int32', untyped('whole')), ValueError, '"whole"', 'integral'],
    ['the dtype of nothing', () => np.resultType(), ValueError, 'resultType'],
  ])
})

describe('what random calls found', () => {
  testMisuses([
    ['a fill that is no number', () => np.full([2], untyped({ a: 1 })), ValueError, 'full: the value', 'object'],
    ['a fill like an array', () => np.fullLike(v, untyped('7')), ValueError, 'fullLike: the value', 'string'],
    ['a diagonal between two', () => np.tril(np.ones([2, 2]), 0.5), ValueError, 'tril: there is no diagonal 0.5'],
    ['indices below no diagonal', () => np.trilIndices(2, { k: NaN }), ValueError, 'trilIndices', 'NaN'],
    ['infinitely many parts', () => np.split(np.ones([0]), Infinity), ShapeError, 'split', 'Infinity', 'divisor'],
    [
      'an infinite axis',
      () => np.geomspace(np.ones([2]), np.ones([2]), 3, { axis: Infinity }),
      ShapeError,
      'axis Infinity is out of range for 2 axes',
    ],
    ['one list of axes', () => np.tensordot(v, v, untyped([1])), ShapeError, 'tensordot: axes', '[1]', '2 lists'],
  ])
})

describe('arguments of another kind', () => {
  const big = untyped(1n)
  testMisuses([
    ['a shape that is a BigInt', () => np.reshape(v, big), ValueError, 'reshape: the shape', 'list of numbers, not 1n'],
    ['a shape with a BigInt', () => np.zeros([big]), ShapeError, 'zeros: a shape', 'not [1n]'],
    ['no shape', () => np.broadcastTo(v, untyped(null)), ValueError, 'broadcastTo: the shape', 'not null'],
    ['sizes that are no numbers', () => np.resize(v, [big]), ValueError, 'resize: the shape', 'not [1n]'],
    ['no list of arrays', () => np.concatenate(untyped(null)), ValueError, 'concatenate: arrays', 'a list, not null'],
    ['a number of arrays', () => np.stack(untyped(3)), ValueError, 'stack: arrays', 'a list, not 3'],
    ['text for arrays', () => np.vstack(untyped('x')), ValueError, 'vstack: arrays', 'a list, not "x"'],
    ['no keys', () => np.lexsort(untyped(undefined)), ValueError, 'lexsort: arrays', 'a list, not undefined'],
    ['no choices', () => np.choose([0], untyped(null)), ValueError, 'choose: choices', 'not null'],
    ['no conditions', () => np.select(untyped(undefined), [v]), ValueError, 'select: conditions', 'not undefined'],
    ['no pieces', () => np.piecewise(v, [], untyped(null)), ValueError, 'piecewise: pieces', 'not null'],
    ['axes that are no list', () => np.transpose(v, big), ValueError, 'transpose: axes', 'not 1n'],
    ['no axis', () => np.expandDims(v, untyped(null)), ValueError, 'expandDims: axis', 'not null'],
    ['an axis that is a symbol', () => np.sum(v, { axis: untyped(Symbol('a')) }), ShapeError, 'axis Symbol(a) is out'],
    ['an axis of roll', () => np.roll(v, 1, { axis: untyped('x') }), ValueError, 'roll: axis', 'not "x"'],
    ['repeats', () => np.tile(v, untyped('2')), ValueError, 'tile: repeats', 'not "2"'],
    ['places to cut at', () => np.split(v, untyped([1n])), ValueError, 'split: sections', 'not [1n]'],
    ['a start', () => np.arange(big), ValueError, 'arange: takes numbers, not 1n'],
    ['a grid', () => np.mgrid(untyped(null)), ValueError, 'grid: a range', 'not null'],
    ['subscripts', () => np.einsum(untyped(7), v), ValueError, 'einsum: the subscripts', "'ij,jk->ik'", 'not 7'],
    ['ends of bins', () => np.histogram(v, { range: untyped(2) }), ValueError, 'histogramBinEdges: range', 'not 2'],
    ['padding', () => np.pad(v, big), ValueError, 'pad: padWidth', 'a list, not 1n'],
    [
      'a fill',
      () => np.nonzero(v, { size: 1, fillValue: untyped(null) }),
      ValueError,
      'nonzero: fillValue',
      'not null',
    ],
    ['an index', () => np.slice(v, big), ValueError, 'slice: the index', 'a list, not 1n'],
    ['a kind', () => np.isdtype('int32', big), ValueError, 'isdtype: unknown kind 1n'],
    ['a mode', () => np.convolve(v, v, { mode: big }), ValueError, 'convolve: unknown mode 1n', 'full'],
    ['a dtype', () => np.zeros([2], { dtype: big }), DTypeError, 'zeros: unknown dtype 1n', 'float32'],
  ])

  testMisuses([
    ['axes of a sum', () => lax.reduceSum(v, big), ShapeError, 'reduceSum: axes', 'not 1n'],
    ['axes of a maximum', () => lax.reduceMax(v, [big]), ShapeError, 'reduce: axes', 'not [1n]'],
    ['axes to turn', () => lax.rev(v, untyped('0')), ShapeError, 'axes are a list of whole numbers, not "0"'],
    ['no permutation', () => lax.transpose(v, untyped(null)), ShapeError, 'transpose: axes', 'not null'],
    ['a list to slice', () => lax.dynamicSlice(untyped([1, 2]), [0], [1]), ValueError, 'not [1,2]', 'np.array'],
    ['no starts', () => lax.dynamicSlice(v, untyped(null), [1]), ValueError, 'dynamicSlice: starts', 'not null'],
    ['no sizes', () => lax.dynamicSlice(v, [0], untyped(1)), ValueError, 'dynamicSlice: sizes', 'not 1'],
    ['a start', () => lax.dynamicSliceInDim(v, untyped(null), 1), ValueError, 'dynamicSliceInDim: takes', 'not null'],
    ['a list to look into', () => lax.dynamicIndexInDim(untyped([1]), 0), ValueError, 'dynamicIndexInDim', 'not [1]'],
    ['a list to sort', () => lax.sort(untyped([[2, 1]])), ValueError, 'lax.sort: takes an array, not [2,1]'],
    ['a list to rank', () => lax.topK(untyped([2, 1]), 1), ValueError, 'lax.topK: takes an array, not [2,1]'],
  ])

  test.each([
    ['cov', () => np.cov(x, untyped({ rowVar: false })), 'rowVar; it has rowvar'],
    ['corrcoef', () => np.corrcoef(x, untyped({ bias: true })), 'bias; it has rowvar, dtype'],
    ['trapezoid', () => np.trapezoid(v, untyped({ dX: 1 })), 'dX; it has dx'],
    ['gradient', () => np.gradient(v, untyped({ axes: 0 })), 'axes; it has axis'],
    ['delete', () => np.delete(v, 0, untyped({ along: 0 })), 'along; it has axis'],
    ['eye', () => np.eye(3, untyped({ offset: 1 })), 'offset; it has k, dtype'],
    ['arange', () => np.arange(3, untyped({ step: 2 })), 'step; it has dtype'],
    ['linspace', () => np.linspace(0, 1, 3, untyped({ endPoint: false })), 'endPoint; it has dtype, endpoint'],
  ])('an option that %s has not', (name, call, says) => {
    expect(call).toThrow(ValueError)
    expect(call).toThrow(`${name} has no option ${says}`)
  })

  test('an initial value', () => {
    expect(() => np.sum(v, { initial: untyped({}) })).toThrow('{} is no number; give one, or a boolean')
  })

  test('an array of arrays is a list of them', () => {
    expect(np.concatenate(untyped(x)).jsSync()).toEqual([1, 1, 1, 1, 1, 1])
    expect(np.stack(untyped(x), { axis: 1 }).shape).toEqual([3, 2])
    expect(np.lexsort(untyped(np.array([[3, 1, 2], [0, 0, 0]]))).jsSync()).toEqual([1, 2, 0]) // biome-ignore format: two keys
  })
})
