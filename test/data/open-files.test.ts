import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { NDArray } from '@cotangent/autodiff/array'
import { Dataset, saveTFRecord, TFRecordDataset } from '@cotangent/data'
import { describe, expect, test } from 'vitest'
import { temporary } from '../helpers/tfrecord-golden.ts'

/** Where Linux lists the files that a process has open. */
const list = '/proc/self/fd'

describe.skipIf(!existsSync(list))('whoever ends a pass, no file stays open', () => {
  const directory = temporary()

  const openFiles = () =>
    readdirSync(list).flatMap((descriptor) => {
      try {
        const file = readlinkSync(join(list, descriptor))
        return file.startsWith(directory) ? [file] : []
      } catch {
        // The one that listed them.
        return []
      }
    })

  const sources: Record<string, () => Dataset<NDArray>> = {}
  const glob = join(directory, '*.tfrecord')
  for (const [name, files, options] of [
    ['plain', glob, { bufferSize: 64 }],
    ['several in turn', glob, { bufferSize: 64, numParallelReads: 3 }],
    ['gzip', `${glob}.gz`, { compression: 'gzip' }],
    ['gzip, several in turn', `${glob}.gz`, { compression: 'gzip', numParallelReads: 3 }],
  ] as const)
    sources[name] = () => TFRecordDataset(files, options).map((record) => record.item().length)

  const chains: Record<string, (source: () => Dataset<NDArray>) => Dataset<unknown>> = {
    'calls in flight': (source) => source().map(async (n) => n, { numParallelCalls: 4 }),
    prefetch: (source) => source().prefetch(8),
    zip: (source) => Dataset.zip([source(), source()]),
    concatenate: (source) => source().take(2).concatenate(source()),
    interleave: (source) => Dataset.range(5).interleave(() => source(), { cycleLength: 3 }),
    'interleave ahead': (source) =>
      Dataset.range(5).interleave(() => source(), { cycleLength: 3, numParallelCalls: 2 }),
    shuffle: (source) => source().shuffle(10),
    'cache on disk': (source) => source().cache(join(directory, `cache-${Math.random()}`)),
    windows: (source) =>
      source()
        .window(4)
        .flatMap((window) => window),
    sample: (source) => Dataset.sampleFromDatasets([source(), source()]),
    filter: (source) => source().filter(async () => true),
    repeat: (source) => source().repeat(3),
    unbatch: (source) => source().batch(3).unbatch(),
    paddedBatch: (source) =>
      source()
        .batch(3)
        .paddedBatch(2, { paddedShapes: [null] }),
  }

  const ends: Record<string, (dataset: Dataset<unknown>) => Promise<unknown>> = {
    'a break': async (dataset) => {
      for await (const _ of dataset) break
    },
    'an error of the reader': async (dataset) => {
      const reading = async () => {
        let n = 0
        for await (const _ of dataset) if (++n === 3) throw new Error('enough')
      }
      await expect(reading()).rejects.toThrow('enough')
    },
    'a return while elements are on their way': async (dataset) => {
      const iterator = dataset[Symbol.asyncIterator]()
      await Promise.all([iterator.next(), iterator.next(), iterator.return?.(), iterator.next()])
    },
    'a function behind it that throws': async (dataset) => {
      const failing = dataset.map(() => {
        throw new Error('no')
      })
      await expect(failing.toArray()).rejects.toThrow('no')
    },
  }

  test.each(Object.entries(sources))('%s', async (_, source) => {
    for (const file of ['a', 'b', 'c', 'd'].map((name) => join(directory, `${name}.tfrecord`))) {
      await saveTFRecord(
        file,
        Array.from({ length: 40 }, (_, i) => Uint8Array.of(i)),
      )
      writeFileSync(`${file}.gz`, gzipSync(readFileSync(file)))
    }
    for (const [chain, of] of Object.entries(chains)) {
      for (const [end, finish] of Object.entries(ends)) {
        await finish(of(source))
        expect([chain, end, openFiles()]).toEqual([chain, end, []])
      }
    }
  })
})
