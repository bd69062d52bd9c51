import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listFiles } from '@cotangent/data'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { temporary } from '../helpers/tfrecord-golden.ts'

describe('the files that a glob names', () => {
  const directory = temporary()
  const named = async (glob: string, folder = directory) =>
    (await listFiles(join(folder, glob))).map((file) => file.slice(folder.length + 1))
  const make = (folder: string, names: readonly string[]) => {
    mkdirSync(folder, { recursive: true })
    for (const name of names) writeFileSync(join(folder, name), '')
  }

  test('come in natural order: numbers by what they are, the rest as text', async () => {
    const inOrder = [
      'd.npy d01.npy d1.5.npy d1.10.npy d1.npy d2.npy d10.npy',
      'v1.2.9_3.npy v1.2.10_3.npy v1.10.0_1.npy',
      's-1.npy s-2.npy s-10.npy s_1.npy',
      '9007199254740993.npy 9007199254740994.npy 90071992547409930.npy',
      'é2.npy é10.npy 日本2.npy 日本10.npy',
    ].map((names) => names.split(' '))
    for (const [i, names] of inOrder.entries()) {
      const folder = join(directory, `order-${i}`)
      make(folder, names)
      expect(await named('*.npy', folder)).toEqual(names)
    }
  })

  test('are in one order, however many there are', async () => {
    const folder = join(directory, 'any')
    const name = fc.stringMatching(/^[ab.]{0,2}[0-9]{0,3}[ab.]{0,2}[0-9]{0,2}$/).map((text) => `x${text}`)
    const names = fc.sample(fc.uniqueArray(name, { minLength: 300, maxLength: 300 }), { numRuns: 1, seed: 3 }).flat()
    make(folder, names)
    const all = await named('*', folder)
    expect(all.toSorted()).toEqual(names.toSorted())
    // Any two of them stand as they do when there are only the two.
    for (let i = 0; i + 7 < all.length; i += 5) {
      const two = [all[i], all[i + 7]]
      expect(await named(`{${two.toReversed().join()}}`, folder)).toEqual(two)
    }
  })

  test('are files: no folders, nor links to any', async () => {
    const folder = join(directory, 'kinds')
    make(folder, ['1.npy', '.hidden.npy', 'b[1].npy', 'b1.npy', 'q?.npy'])
    make(join(folder, 'folder.npy'), ['2.npy'])
    make(join(folder, 'below/deep'), ['3.npy'])
    symlinkSync('1.npy', join(folder, 'link.npy'))
    symlinkSync('below', join(folder, 'way.npy'))
    symlinkSync('..', join(folder, 'below/loop'))
    expect(await named('*.npy', folder)).toEqual(['1.npy', 'b1.npy', 'b[1].npy', 'link.npy', 'q?.npy'])
    expect(await named('b[1].npy', folder)).toEqual(['b[1].npy'])
    expect(await named('b[12].npy', folder)).toEqual(['b1.npy'])
    expect(await named('way.npy/deep/*', folder)).toEqual(['way.npy/deep/3.npy'])
    expect(await named('.*.npy', folder)).toEqual(['.hidden.npy'])
    expect(await named('**/[23].npy', folder)).toEqual(['below/deep/3.npy', 'folder.npy/2.npy'])
    expect(await named('below/**', folder)).toEqual(['below/deep/3.npy'])
  })
})
