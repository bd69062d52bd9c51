import { np, type NDArray } from '@cotangent/autodiff'
import { AUTOTUNE, type Bytes, Dataset, npyDataset, TFRecordDataset, TFRecords } from '@cotangent/data'
import { expectTypeOf, test } from 'vitest'

type Pair = [NDArray, { k: NDArray }]
const pairs = Dataset.fromTensorSlices([np.ones([4, 2]), { k: np.ones([4]) }])

test('the type of the elements goes through what keeps them', () => {
  expectTypeOf(pairs).toExtend<Dataset<Pair>>()
  const kept = [
    pairs.batch(2),
    pairs.repeat(),
    pairs.take(1),
    pairs.prefetch(AUTOTUNE),
    pairs.cache(),
    pairs.shuffle(3),
  ]
  for (const dataset of kept) expectTypeOf(dataset).toExtend<Dataset<Pair>>()
  expectTypeOf(pairs.filter((x, { k }) => x.item() > k.item())).toExtend<Dataset<Pair>>()
})

test('what functions give is the type of the elements from then on, numbers as arrays', () => {
  expectTypeOf(pairs.map((x, { k }) => ({ sum: x.add(k), n: 3 }))).toExtend<Dataset<{ sum: NDArray; n: NDArray }>>()
  expectTypeOf(pairs.map(async (x) => x)).toExtend<Dataset<NDArray>>()
  expectTypeOf(pairs.enumerate()).toExtend<Dataset<[NDArray<'int32'>, Pair]>>()
  // @ts-expect-error: elements are arrays, not numbers
  pairs.map((x: number) => x)
})

test('trees of datasets are zipped to trees of elements', () => {
  expectTypeOf(Dataset.zip({ a: pairs, b: Dataset.range(3) })).toExtend<Dataset<{ a: Pair; b: NDArray }>>()
  expectTypeOf(Dataset.zip([Dataset.range(2), pairs])).toExtend<Dataset<[NDArray, Pair]>>()
})

test('a spec is a type, and files have one', () => {
  const elementSpec = [
    { shape: [], dtype: 'int32' },
    { shape: [2], dtype: 'float32' },
  ] as const
  const generated = Dataset.fromGenerator(() => [], { elementSpec })
  expectTypeOf(generated).toExtend<Dataset<readonly [NDArray<'int32'>, NDArray<'float32'>]>>()
  expectTypeOf(TFRecordDataset('x')).toExtend<Dataset<Bytes>>()
  expectTypeOf(TFRecordDataset('x').map(new TFRecords().parser([3]))).toExtend<Dataset<NDArray>>()
  expectTypeOf(npyDataset('x')).toExtend<Dataset<NDArray>>()
})
