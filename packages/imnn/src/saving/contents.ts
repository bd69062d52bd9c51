import type { NDArray } from '@cotangent/autodiff'
import { shapesEqual, showShape } from '@cotangent/autodiff/array'
import { show } from '../checks/checks.ts'
import type { Problem } from '../errors.ts'
import { historyNames, statisticsNames, weightNames, type Words } from './format.ts'

type Tensors = Readonly<Record<string, NDArray>>

/** What a file lacks, or has in a form that none is written in, whatever IMNN it is of. */
export const checkContents = (words: Words, tensors: Tensors): Problem[] => [
  ...checkWords(words),
  ...checkHistory(tensors),
  ...checkStatistics(tensors),
  ...['rng', 'statisticsRng'].flatMap((name) => {
    const key = tensors[name]
    return key === undefined ? [] : checkForm(name, key, 'uint32', [2])
  }),
]

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** Words are read from JSON: they may be anything. */
function checkWords({ kind, sizes, random, inUse, steps, maxDetF, unfinished }: Words): Problem[] {
  const isGood: Readonly<Record<string, readonly [value: unknown, good: boolean]>> = {
    kind: [kind, typeof kind === 'string'],
    sizes: [sizes, isRecord(sizes)],
    random: [random, typeof random === 'string'],
    inUse: [inUse, [...weightNames, 'w'].includes(inUse)],
    steps: [steps, isCount(steps)],
    maxDetF: [maxDetF, Number.isFinite(maxDetF)],
    unfinished: [
      unfinished,
      unfinished === null ||
        (isRecord(unfinished) &&
          isCount(unfinished.iterations) &&
          isCount(unfinished.patience) &&
          isRecord(unfinished.told)),
    ],
  }
  return Object.entries(isGood)
    .filter(([, [, good]]) => !good)
    .map(([where, [value]]) => ({ where, message: `is ${show(value)}, which no fit comes to` }))
}

/** One number an iteration: of the validation set for as many as had one. */
function checkHistory(tensors: Tensors): Problem[] {
  const lengths = new Map<boolean, number>()
  return historyNames.flatMap((name) => {
    const where = `history.${name}`
    const column = tensors[where]
    if (column === undefined) return [{ where, message: 'is not in the file' }]
    const isValidation = name.startsWith('val')
    const length = lengths.get(isValidation) ?? column.shape[0] ?? 0
    lengths.set(isValidation, length)
    return checkForm(where, column, 'float64', [length])
  })
}

function checkStatistics(tensors: Tensors): Problem[] {
  const isThere = statisticsNames.some((name) => `statistics.${name}` in tensors)
  const dmu = tensors['statistics.dmu']
  if (!isThere) return []
  const [S, P] = (dmu?.ndim === 2 ? dmu.shape : [0, 0]) as [number, number]
  const shapes = { F: [P, P], invF: [P, P], C: [S, S], invC: [S, S], mu: [S], dmu: [S, P] }
  return statisticsNames.flatMap((name) => {
    const where = `statistics.${name}`
    const found = tensors[where]
    if (found === undefined) return [{ where, message: 'is not in the file' }]
    return checkForm(where, found, found.dtype === 'float64' ? 'float64' : 'float32', shapes[name])
  })
}

function checkForm(where: string, found: NDArray, dtype: string, shape: readonly number[]): Problem[] {
  if (found.dtype === dtype && shapesEqual(found.shape, shape)) return []
  return [{ where, message: `is ${found.dtype}${showShape(found.shape)}, not ${dtype}${showShape(shape)}` }]
}
