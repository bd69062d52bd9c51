import { CotangentError, np } from '@cotangent/autodiff'
import {
  Dataset,
  encodeExample,
  listFiles,
  loadNpy,
  npyDataset,
  readNpy,
  readNpz,
  readRecordInfo,
  saveNpy,
  saveTFRecord,
  TFRecordDataset,
  TFRecords,
  writeNpz,
} from '@cotangent/data'
import { describe, expect, test } from 'vitest'

/** What a user without a type checker might write. */
const odd = (value: unknown): never => value as never
const five = Dataset.range(5)
const x = np.ones([2])

describe('what is of another type is refused by name, with what to write instead', () => {
  test.each<[what: string, run: () => unknown, message: RegExp]>([
    ['no function', () => five.apply(odd(null)), /apply: takes a function of elements, not null/],
    [
      'no generator',
      () => Dataset.fromGenerator(odd([1, 2])),
      /fromGenerator: takes a function of elements, not object/,
    ],
    ['no dataset', () => five.concatenate(odd([1, 2])), /concatenate: takes a dataset; Dataset/],
    ['no spec', () => Dataset.fromGenerator(() => [1], { elementSpec: odd('float32') }), /elementSpec is a string/],
    [
      'no dtype',
      () => five.map((n) => n, { elementSpec: odd({ shape: [], dtype: 'real' }) }),
      /elementSpec is real of shape \[\]/,
    ],
    [
      'no sizes',
      () => npyDataset('x.npy', { elementSpec: odd({ shape: ['a'], dtype: 'int8' }) }),
      /of shape \[a\]; it must have a dtype/,
    ],
    ['no weights', () => Dataset.sampleFromDatasets([five], { weights: odd(1) }), /weights are 1 for 1 datasets/],
    [
      'a cycle that no memory holds',
      () => five.interleave(() => five, { cycleLength: 1e20 }),
      /a positive integer up to 1000000 or AUTOTUNE/,
    ],
    ['unknown options', () => TFRecordDataset('x', odd({ verify: false })), /TFRecordDataset has no option verify/],
    ['unknown options', () => new TFRecords(odd({ inputShape: [3] })), /TFRecords has no option inputShape/],
    ['no bytes', () => readNpy(odd('x.npy')), /readNpy: takes bytes, a Uint8Array as readFile gives it, not string/],
    ['no bytes', () => readNpz(odd(null)), /readNpz: takes bytes, .* not null/],
    ['no names', () => readNpz(writeNpz({ x }), { keys: odd('x') }), /keys is x; it must be a list of names/],
    ['no features', () => encodeExample(odd({ x: [1] })), /encodeExample: takes pairs of a name and a feature/],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(CotangentError)
    expect(run).toThrow(message)
  })

  test.each<[what: string, run: () => Promise<unknown>, message: RegExp]>([
    ['no path', () => loadNpy(odd(undefined)), /a file is named by its path or a file: URL, not by undefined/],
    ['a URL of the web', () => listFiles(new URL('https://example.org/x.npy')), /not by https:\/\/example.org\/x.npy/],
    ['no path', () => npyDataset(odd(3)).toArray(), /a file is named by its path or a file: URL, not by 3/],
    ['no path', () => readRecordInfo(odd({})), /a file is named by its path/],
    ['a range upside down', () => listFiles('test/[z-a].npy'), /the glob has \[z-a\]\.npy, in which a range/],
    ['no array', () => saveNpy('x.npy', odd([1, 2])), /saveNpy: takes an array; np\.array/],
    ['no options', () => saveNpy('x.npy', x, odd(false)), /saveNpy: options are given by name, as \{ overwrite: … \}/],
    ['no records', () => saveTFRecord('x.tfrecord', odd(null)), /saveTFRecord: records must be a list or an iterable/],
    ['no bytes', () => saveTFRecord('x.tfrecord', odd([[1, 2]])), /saveTFRecord: takes bytes, .* not object/],
    ['nothing', () => new TFRecords().writeRecord(odd(undefined)), /writeRecord: options are given by name/],
  ])('later: %s', async (_, run, message) => {
    await expect(run()).rejects.toThrow(CotangentError)
    await expect(run()).rejects.toThrow(message)
  })
})
