import { jit } from '@cotangent/autodiff'
import { benchDevice } from '../lib/device.ts'
import type { Options } from '../lib/options.ts'
import { fitArguments, fitStep, momentsOf } from './step.ts'

/** What a step gives, as far as it is compared. */
export interface StepResult {
  readonly training: ArrayLike<number>
  readonly validation: ArrayLike<number>
  /** Adam's means of the gradients: a tenth of them, after the first step. */
  readonly moments: readonly ArrayLike<number>[]
}

export interface OurStep {
  readonly name: string
  run(): Promise<unknown>
  result(): Promise<StepResult>
}

/** The step compiled for the device. */
export function ourStep(options: Pick<Options, 'device' | 'threads'>): OurStep {
  const step = jit(fitStep, { device: benchDevice(options) })
  const args = fitArguments()
  return {
    name: 'ours',
    run: () => step(...args).validation.data(),
    async result() {
      const { state, training, validation } = step(...args)
      const moments = await Promise.all(momentsOf(state).map((m) => m.data()))
      return { training: await training.data(), validation: await validation.data(), moments }
    },
  }
}

/**
 * Throws unless two programs compute the same step. The last bias is left out: its gradient is exactly 0, so that
 * rounding is all there is in it.
 */
export function checkSame(name: string, ours: StepResult, theirs: StepResult, tolerance = 1e-4): void {
  const check = (what: string, a: ArrayLike<number>, b: ArrayLike<number>): void => {
    const scale = Math.max(...Array.from(b, Math.abs))
    const difference = Math.max(...Array.from(b, (x, i) => Math.abs(x - (a[i] ?? Number.NaN))))
    if (!(difference <= tolerance * scale)) throw new Error(`${name} computes another ${what}: off by ${difference}`)
  }
  for (const key of ['training', 'validation'] as const) {
    Array.from(theirs[key]).forEach((x, i) => check(`${key} statistic ${i}`, [ours[key][i] ?? Number.NaN], [x]))
  }
  theirs.moments.slice(0, -1).forEach((m, k) => check(`gradient ${k}`, ours.moments[k] ?? [], m))
}
