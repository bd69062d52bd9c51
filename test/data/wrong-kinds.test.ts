import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CotangentError, np, random } from '@cotangent/autodiff'
import * as data from '@cotangent/data'
import { describe, expect, test } from 'vitest'

const {
  Bytes,
  checkAll,
  checkDistinct,
  checkElement,
  checkEndless,
  checkFinite,
  checkFirstBatch,
  checkSpec,
  Dataset,
  encodeExample,
  EpochMonitor,
  problemsOf,
  TFRecords,
} = data

/** What a user without a type checker might give. */
const odd = (value: unknown): never => value as never
const wrong: readonly unknown[] = [
  null,
  undefined,
  {},
  'x',
  Number.NaN,
  -1,
  1.5,
  1e300,
  2 ** 53,
  [],
  [null],
  true,
  () => undefined,
  Symbol('s'),
  5n,
  new Date(0),
  new Uint8Array(2),
  Promise.resolve(1),
  Object.create(null),
]

const folder = mkdtempSync(join(tmpdir(), 'cotangent-wrong-'))
const at = (name: string) => join(folder, name)
const x = np.ones([2, 2])
const spec = { shape: [2, 2], dtype: 'float32' } as const
const int = { shape: [], dtype: 'int32' } as const
const three = () => Dataset.range(3)
const monitor = () => new EpochMonitor({ where: 'a', batches: 2 })
const record = encodeExample([['data', { kind: 'bytes', values: [new Uint8Array(16)] }]])
const serialized = Bytes.of(record)
const tfr = new TFRecords()
const getSimulation = () => x

type Call = (...args: never[]) => unknown
/** Every function that is exported, with arguments that it takes. */
const calls: Record<string, readonly [call: Call, args: readonly unknown[]]> = {
  checkAll: [checkAll, [[checkFinite(x, 'a')]]],
  checkDistinct: [checkDistinct, [[monitor()]]],
  checkElement: [checkElement, [x, spec, 'a']],
  checkEndless: [checkEndless, [three().repeat(), 3, 'a']],
  checkFinite: [checkFinite, [x, 'a']],
  checkFirstBatch: [checkFirstBatch, [three().batch(3), spec, 'a']],
  checkSpec: [checkSpec, [spec, spec, 'a']],
  problemsOf: [problemsOf, [checkFinite(x, 'a')]],
  EpochMonitor: [(options) => new EpochMonitor(options), [{ where: 'a', batches: 2, expected: spec }]],
  'EpochMonitor.observe': [(...args) => monitor().observe(...(args as unknown as [0, 0, 0])), [0, 0, x]],
  'EpochMonitor.ended': [(...args) => monitor().ended(...(args as unknown as [0, 0])), [0, 0]],
  Bytes: [Bytes.of, [record]],
  'Bytes.item': [(i) => serialized.item(i), [0]],
  Dataset: [(stage) => new Dataset(stage), []],
  Readable: [(stage) => new data.Readable(stage), []],
  'Dataset.fromTensorSlices': [Dataset.fromTensorSlices, [x]],
  'Dataset.fromTensors': [Dataset.fromTensors, [x]],
  'Dataset.fromGenerator': [Dataset.fromGenerator as Call, [() => [x], { elementSpec: spec }]],
  'Dataset.range': [Dataset.range, [0, 5, 1]],
  'Dataset.counter': [(...args) => Dataset.counter(...(args as unknown as [0, 0])).take(9), [0, 1]],
  'Dataset.zip': [Dataset.zip, [[three(), three()]]],
  'Dataset.sampleFromDatasets': [
    Dataset.sampleFromDatasets,
    [[three(), three()], { weights: [1, 1], seed: 1, stopOnEmptyDataset: false }],
  ],
  'Dataset.sampleFromDatasets, key': [Dataset.sampleFromDatasets, [[three()], { key: random.PRNGKey(0) }]],
  'Dataset.chooseFromDatasets': [
    Dataset.chooseFromDatasets,
    [[three(), three()], Dataset.range(2), { stopOnEmptyDataset: true }],
  ],
  map: [(f, options) => three().map(f, options), [() => 1, { numParallelCalls: 1, elementSpec: int }]],
  flatMap: [(f, options) => three().flatMap(f, options), [three, { elementSpec: int }]],
  interleave: [
    (f, options) => three().interleave(f, options),
    [three, { cycleLength: 2, blockLength: 1, numParallelCalls: 1, elementSpec: int }],
  ],
  filter: [(f) => three().filter(f), [() => true]],
  takeWhile: [(f) => three().takeWhile(f), [() => true]],
  scan: [(state, f) => three().scan(state, f), [0, (_: unknown, n: unknown) => [n, n]]],
  reduce: [(state, f) => three().reduce(state, f), [0, (_: unknown, n: unknown) => n]],
  enumerate: [(start) => three().enumerate(start), [0]],
  ignoreErrors: [
    (options) =>
      three()
        .map(() => {
          throw new Error('no')
        })
        .ignoreErrors(options),
    [{ onError: () => undefined }],
  ],
  apply: [(f) => three().apply(f), [(dataset: unknown) => dataset]],
  batch: [(n, options) => three().batch(n, options), [2, { dropRemainder: true }]],
  paddedBatch: [
    (n, options) => three().paddedBatch(n, options),
    [2, { paddedShapes: [], paddingValues: 0, dropRemainder: true }],
  ],
  rebatch: [(n, options) => three().batch(2).rebatch(n, options), [2, { dropRemainder: true }]],
  window: [(n, options) => three().window(n, options), [2, { shift: 1, stride: 1, dropRemainder: true }]],
  shuffle: [(n, options) => three().shuffle(n, options), [2, { seed: 1, reshuffleEachIteration: true }]],
  'shuffle, key': [(n, options) => three().shuffle(n, options), [2, { key: random.PRNGKey(1) }]],
  take: [(n) => three().take(n), [1]],
  skip: [(n) => three().skip(n), [1]],
  repeat: [(n) => three().repeat(n).take(9), [1]],
  shard: [(count, index) => three().shard(count, index), [2, 1]],
  cache: [(file) => three().cache(file === 'x' ? (at('x') as never) : file), [at('cached')]],
  prefetch: [(n) => three().prefetch(n), [1]],
  concatenate: [(other) => three().concatenate(other), [three()]],
  hdf5Dataset: [data.hdf5Dataset as Call, [at('none.h5'), ['x']]],
  listFiles: [data.listFiles, [at('a.npy')]],
  npyDataset: [data.npyDataset, [at('a.npy'), { elementSpec: spec }]],
  npzDataset: [data.npzDataset, [at('a.npz'), { keys: ['x'], elementSpec: { x: spec } }]],
  loadNpy: [data.loadNpy, [at('a.npy')]],
  loadNpz: [data.loadNpz, [at('a.npz'), { keys: ['x'] }]],
  saveNpy: [(path, ...rest) => data.saveNpy(inside(path), ...(rest as [never])), ['b.npy', x, { overwrite: true }]],
  saveNpz: [
    (path, ...rest) => data.saveNpz(inside(path), ...(rest as [never])),
    ['b.npz', { x }, { overwrite: true, compress: true }],
  ],
  readNpy: [data.readNpy, [data.writeNpy(x), { name: 'n' }]],
  writeNpy: [data.writeNpy, [x]],
  readNpz: [data.readNpz, [data.writeNpz({ x }), { keys: ['x'], name: 'n' }]],
  writeNpz: [data.writeNpz, [{ x }, { compress: true }]],
  TFRecordDataset: [
    data.TFRecordDataset,
    [at('a.tfrecord'), { numParallelReads: 1, compression: 'none', bufferSize: 100 }],
  ],
  decodeExample: [data.decodeExample, [record]],
  encodeExample: [encodeExample, [[['x', { kind: 'float', values: Float32Array.of(1) }]]]],
  'encodeExample, a feature': [(f) => encodeExample([['x', f]]), [{ kind: 'float', values: Float32Array.of(1) }]],
  'encodeExample, bytes': [(f) => encodeExample([['x', f]]), [{ kind: 'bytes', values: [record] }]],
  'encodeExample, integers': [(f) => encodeExample([['x', f]]), [{ kind: 'int64', values: BigInt64Array.of(1n) }]],
  readRecordInfo: [data.readRecordInfo, [at('fiducial')]],
  saveTFRecord: [
    (path, ...rest) => data.saveTFRecord(inside(path), ...(rest as unknown as [never])),
    ['c.tfrecord', [record], { overwrite: true }],
  ],
  TFRecords: [(options) => new TFRecords(options), [{ recordSize: 1, padding: 2 }]],
  'TFRecords.writeRecord': [
    (options: { directory?: unknown }) => tfr.writeRecord(inFolder(options) as never),
    [{ end: 2, start: 0, getSimulation, validation: false, directory: folder, filename: 'f', overwrite: true }],
  ],
  'TFRecords.writeRecord, derivatives': [
    (options: { directory?: unknown }) => tfr.writeRecord(inFolder(options) as never),
    [{ nSims: 1, fiducial: false, nParams: 2, getSimulation, directory: folder }],
  ],
  'TFRecords.parser': [(shape) => tfr.parser(shape)(serialized), [[4]]],
  'TFRecords.parser, a record': [(one) => tfr.parser([4])(one), [serialized]],
  'TFRecords.derivativeParser': [(shape, n) => tfr.derivativeParser(shape, n)(serialized), [[2], 2]],
  'TFRecords.numericalDerivativeParser': [(shape, n) => tfr.numericalDerivativeParser(shape, n)(serialized), [[1], 2]],
}

/** Files of bare names are written in the temporary folder. */
const inside = (path: unknown): never => (typeof path === 'string' ? at(path) : path) as never
const inFolder = (options: { directory?: unknown }): unknown =>
  typeof options !== 'object' || options === null || !('getSimulation' in options)
    ? options
    : { ...options, directory: typeof (options.directory ?? folder) === 'string' ? folder : options.directory }

/** The arguments with one part replaced: an argument, an entry or a field of one. */
function* variants(value: unknown, depth = 0): Generator<unknown> {
  yield* wrong
  if (depth > 2) return
  const plain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  if (Array.isArray(value)) {
    for (const [i, one] of value.entries()) for (const other of variants(one, depth + 1)) yield value.with(i, other)
  } else if (plain) {
    for (const [key, one] of Object.entries(value)) {
      for (const other of variants(one, depth + 1)) yield { ...value, [key]: other }
    }
  }
}

const isDataset = (value: unknown): value is data.Dataset<unknown> => value instanceof data.Readable

async function run(call: Call, args: readonly unknown[]): Promise<unknown> {
  try {
    const given = await call(...(args as never[]))
    // A few elements are enough.
    if (isDataset(given)) for await (const _ of given.take(4)) continue
    return undefined
  } catch (error) {
    return error
  }
}

describe('whatever is given in the place of an argument, what comes is an error of ours, or none', () => {
  test.each(Object.keys(calls))('%s', async (name) => {
    const [call, args] = calls[name]!
    for (const [i, arg] of args.entries()) {
      for (const other of variants(arg)) {
        const error = await run(call, args.with(i, other))
        if (error !== undefined) expect(error).toBeInstanceOf(CotangentError)
      }
    }
    for (const value of args.length === 0 ? wrong : []) expect(await run(call, [value])).toBeInstanceOf(CotangentError)
  })

  test('every function and class is among them', () => {
    const named = new Set(Object.keys(calls).map((name) => name.replace(/[.,].*/, '')))
    const errors = ['DatasetError', 'NpyError', 'RecordError']
    const exported = Object.entries(data as Record<string, unknown>).filter(([, value]) => typeof value === 'function')
    expect(exported.map(([name]) => name).filter((name) => !named.has(name))).toEqual(errors)
  })
})

describe('messages name the operation, what was given, and what it takes', () => {
  const dataset = three().batch(3)
  test.each<[given: string, run: () => unknown, message: string]>([
    ['no list', () => checkAll(odd(null)), 'checkAll: takes a list of what checks gave, not null'],
    ['no verdicts', () => checkAll(odd([null])), 'checkAll: takes a list of what checks gave, not [null]'],
    ['nothing', () => problemsOf(odd(undefined)), 'problemsOf: takes what a check gave, not undefined'],
    ['a list', () => problemsOf(odd([])), 'problemsOf: takes what a check gave, not []'],
    ['no list', () => checkDistinct(odd({})), 'checkDistinct: takes a list of EpochMonitors, not an object'],
    ['numbers', () => checkDistinct(odd([1.5])), 'checkDistinct: takes a list of EpochMonitors, not [1.5]'],
    ['no dataset', () => checkEndless(odd(null), 3, 'a'), 'checkEndless: takes a dataset, not null'],
    ['no dataset', () => checkEndless(odd('x'), 3, 'a'), "checkEndless: takes a dataset, not 'x'"],
    [
      'no batches',
      () => checkEndless(three(), 1.5, 'a'),
      'checkEndless: batches is 1.5; it must be a positive integer',
    ],
    [
      'no name',
      () => checkEndless(three(), 1, odd(null)),
      "checkEndless: where is null; it must be text, as 'main[0]'",
    ],
    ['no name', () => checkFinite(x, odd(-1)), "checkFinite: where is -1; it must be text, as 'main[0]'"],
    ['a symbol', () => checkSpec(spec, spec, odd(Symbol('s'))), 'checkSpec: where is Symbol(s); it must be text'],
    ['a number', () => checkSpec(odd(3), spec, 'a'), 'checkSpec: the actual spec is a number'],
    [
      'a dtype that is none',
      () => checkSpec(spec, odd({ shape: [Number.NaN], dtype: 'x' }), 'a'),
      "checkSpec: the expected spec is x of shape [NaN]; it must have a dtype such as 'float32'",
    ],
    ['no options', () => new EpochMonitor(odd(null)), 'EpochMonitor: options are given by name'],
    [
      'too many batches',
      () => new EpochMonitor({ where: 'a', batches: 1e300 }),
      'EpochMonitor: batches is 1e+300; it must be a positive integer',
    ],
    ['no pass', () => monitor().observe(-1, 0, x), 'observe: the pass is -1; it must be a non-negative integer'],
    ['no batch', () => monitor().ended(0, odd('x')), "ended: the batch is 'x'; it must be a non-negative integer"],
    ['no bytes', () => Bytes.of(odd(null)), 'Bytes.of: takes bytes, a Uint8Array, not null'],
    ['no index', () => serialized.item(1.5), 'Bytes.item: index 1.5 is outside 0 … 0'],
    ['no recipe', () => new Dataset(odd({})), 'Dataset: made of an object; datasets are made by Dataset.range'],
    [
      'no flag',
      () => dataset.batch(2, odd({ dropRemainder: 'x' })),
      "batch: dropRemainder is 'x'; it must be true or false",
    ],
    [
      'no flag',
      () => dataset.shuffle(2, odd({ reshuffleEachIteration: 1 })),
      'shuffle: reshuffleEachIteration is 1; it must be true or false',
    ],
    [
      'no flag',
      () => Dataset.chooseFromDatasets([dataset], three(), odd({ stopOnEmptyDataset: null })),
      'chooseFromDatasets: stopOnEmptyDataset is null; it must be true or false',
    ],
    [
      'no function',
      () => dataset.ignoreErrors(odd({ onError: {} })),
      'ignoreErrors: onError: takes a function of elements, not object',
    ],
    ['no seed', () => dataset.shuffle(2, odd({ seed: null })), 'shuffle: seed is null; it must be an integer'],
    ['no size', () => dataset.rebatch(odd(5n)), 'rebatch: the batch size is 5n; it must be a positive integer'],
    [
      'a value that the dtype lacks',
      () => three().paddedBatch(2, { paddingValues: 1.5 }),
      'element is int32, which cannot hold the padding value 1.5',
    ],
    [
      'too many files at once',
      () => data.TFRecordDataset('x', { numParallelReads: 2 ** 53 }),
      'numParallelReads is 9007199254740992; it must be a positive integer up to 1000000',
    ],
    [
      'too large a buffer',
      () => data.TFRecordDataset('x', { bufferSize: 1e300 }),
      'bufferSize is 1e+300; it must be a positive number of bytes up to 1073741824',
    ],
    [
      'no keys',
      () => data.npzDataset('x', odd({ keys: null })),
      'npzDataset: keys is null; it must be a list of names',
    ],
    [
      'no numbers',
      () => encodeExample([['x', odd({ kind: 'float', values: [1, null] })]]),
      "encodeExample: the feature 'x' is an object of kind 'float' with the values [1, null]; it must be { kind: 'bytes'",
    ],
    [
      'a shape that no record holds',
      () => tfr.numericalDerivativeParser([2 ** 53], 2),
      'the input shape [9007199254740992] is larger than any record, which ends at 2 GiB',
    ],
    [
      'too many parameters',
      () => tfr.derivativeParser([3], 1e300),
      'derivativeParser: nParams is 1e+300; it must be a positive integer up to 1000000',
    ],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(CotangentError)
    expect(run).toThrow(message)
  })

  test.each<[given: string, run: () => Promise<unknown>, message: string]>([
    ['no dataset', () => checkFirstBatch(odd(null), spec, 'a'), 'checkFirstBatch: takes a dataset, not null'],
    ['no dataset', () => checkFirstBatch(odd({}), spec, 'a'), 'checkFirstBatch: takes a dataset, not an object'],
    ['no name', () => checkElement(x, spec, odd(undefined)), 'checkElement: where is undefined; it must be text'],
    ['no spec', () => checkElement(x, odd('x'), 'a'), 'checkElement: the expected spec is a string'],
    [
      'no folder',
      () => tfr.writeRecord({ nSims: 1, getSimulation, directory: odd(Number.NaN) }),
      "writeRecord: directory is NaN; it must be text, as 'data'",
    ],
    [
      'too many parameters',
      () => tfr.writeRecord({ nSims: 1, getSimulation, directory: folder, fiducial: false, nParams: 2 ** 53 }),
      'nParams is 9007199254740992; it must be a positive integer up to 1000000',
    ],
    [
      'a file for a folder',
      async () => {
        await data.saveNpy(at('file'), x)
        await data.saveNpy(at('file/inside.npy'), x)
      },
      `cannot write ${at('file/inside.npy')}`,
    ],
    [
      'a file for a folder',
      async () => {
        await data.saveNpy(at('file'), x)
        await tfr.writeRecord({ nSims: 1, getSimulation, directory: at('file') })
      },
      `cannot write ${at('file')}`,
    ],
  ])('later: %s', async (_, run, message) => {
    const error = await run().catch((e: unknown) => e)
    expect(error).toBeInstanceOf(CotangentError)
    expect((error as Error).message).toContain(message)
  })
})

test('take of a negative number is all of them, and so is what it counts', async () => {
  // TensorFlow 2.21 reads the same elements, and counts -5 of them (for -2: 'unknown', for -1: 5).
  for (const n of [-1, -2, -5]) {
    expect(three().take(n).cardinality).toBe(3)
    expect(await three().take(n).toArray()).toHaveLength(3)
    expect(three().repeat().take(n).cardinality).toBe('infinite')
  }
  // None is left of an endless dataset either, which TensorFlow calls endless.
  expect(three().repeat().skip(-1).cardinality).toBe(0)
  expect(await three().repeat().skip(-1).toArray()).toEqual([])
})

describe('sampleFromDatasets', () => {
  test('goes on with the datasets that are left, however unlikely they are', async () => {
    const [a, b] = [Dataset.range(3), Dataset.range(10, 13)]
    const drawn = await Dataset.sampleFromDatasets([a, b], { weights: [1, 1e300] }).toArray()
    expect(drawn.map((n) => n.item())).toEqual([10, 11, 12, 0, 1, 2])
    const huge = await Dataset.sampleFromDatasets([a, b], { weights: [1.7e308, 1.7e308], seed: 3 }).toArray()
    expect(huge.map((n) => n.item()).sort((one, two) => one - two)).toEqual([0, 1, 2, 10, 11, 12])
  })

  test('takes one dataset twice for two', async () => {
    for (let seed = 0; seed < 8; seed++) {
      const drawn = await Dataset.sampleFromDatasets([three(), three()].fill(three()), { seed }).toArray()
      expect(drawn.map((n) => n.item()).sort((one, two) => one - two)).toEqual([0, 0, 1, 1, 2, 2])
    }
  })
})
