import * as E from 'fp-ts/lib/Either.js'
import { type Checked, checkFlag, isNone, show, unless } from '../checks/checks.ts'
import { checkCount } from '../checks/sizes.ts'
import type { Problem } from '../errors.ts'
import type { Cancellation, CheckpointOptions, FitOptions } from './fit-options.ts'

/** Where and how often a fit is written down, with nothing left open. */
export interface CheckpointPlan {
  readonly path: string
  readonly iterations: number
  readonly seconds: number
  readonly overwrite: boolean
}

const known: Record<keyof FitOptions, true> = {
  lambda: true,
  epsilon: true,
  patience: true,
  minIterations: true,
  maxIterations: true,
  printRate: true,
  best: true,
  rng: true,
  iterationsPerCall: true,
  onIteration: true,
  signal: true,
  interruptible: true,
  checkpoint: true,
  resume: true,
  onWarning: true,
  compatibility: true,
}

/** Options that `fit` does not have: a misspelt one would otherwise be left out in silence. */
export const checkNames = (options: object): Problem[] =>
  Object.keys(options)
    .filter((name) => !Object.hasOwn(known, name))
    .map((where) => ({ where, message: `is no option of fit; it has ${Object.keys(known).join(', ')}` }))

/** That who is told can be called, and that what ends a fit has a flag. */
export function checkListeners({ onIteration, onWarning, signal }: FitOptions): Problem[] {
  const problems = Object.entries({ onIteration, onWarning })
    .filter(([, value]) => !isNone(value) && typeof value !== 'function')
    .map(([where, value]) => ({ where, message: `must be a function, not ${show(value)}` }))
  if (isNone(signal) || typeof (signal as Cancellation).aborted === 'boolean') return problems
  const message = `must be an AbortSignal, or anything whose \`aborted\` is true or false, not ${show(signal)}`
  return [...problems, { where: 'signal', message }]
}

/** The checkpoint that a fit was asked for. */
export function checkCheckpoint(given: string | CheckpointOptions | undefined): Checked<CheckpointPlan | undefined> {
  if (isNone(given)) return E.right(undefined)
  const options = typeof given === 'string' ? { path: given } : given
  const where = 'checkpoint'
  if (typeof options !== 'object' || typeof options.path !== 'string' || options.path === '') {
    const message = `must be the path of a file, or { path, every, overwrite }, not ${show(given)}`
    return E.left([{ where, message }])
  }
  const { path, every = { seconds: 60 }, overwrite = false, ...others } = options
  const problems: Problem[] = [
    ...checkFlag('checkpoint.overwrite', overwrite),
    ...Object.keys(others).map((name) => ({ where, message: `has no ${name}; it has path, every, overwrite` })),
  ]
  const interval = typeof every === 'number' ? { iterations: every } : (every as object)
  const { iterations = Infinity, seconds = Infinity } = interval as { iterations?: number; seconds?: number }
  if (typeof interval !== 'object' || interval === null || iterations === seconds) {
    const message = `must be a number of iterations, { iterations } or { seconds }, not ${show(every)}`
    problems.push({ where: 'checkpoint.every', message })
  } else {
    if (iterations !== Infinity) problems.push(...checkCount('checkpoint.every', iterations))
    if (typeof seconds !== 'number' || !(seconds > 0)) {
      const message = `seconds must be a positive number, not ${show(seconds)}`
      problems.push({ where: 'checkpoint.every', message })
    }
  }
  return unless(problems, () => ({ path, iterations, seconds, overwrite }))
}
