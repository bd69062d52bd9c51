/** When a fit ends. */
export interface StoppingRule {
  /** How many iterations without a larger |F| are waited for, after the first `minIterations`. */
  readonly patience: number
  readonly minIterations: number
  readonly maxIterations: number
}

/** How far a fit is. */
export interface Progress {
  /** Iterations done in this fit. */
  readonly iterations: number
  /** Iterations after `minIterations` since |F| last grew. */
  readonly patience: number
  readonly maxDetF: number
}

export const begin = (maxDetF: number): Progress => ({ iterations: 0, patience: 0, maxDetF })

/** Whether the next iteration is to be made. */
export const goesOn = ({ iterations, patience }: Progress, rule: StoppingRule): boolean =>
  patience < rule.patience && iterations < rule.maxIterations

/** An iteration with this |F|: only a larger one than ever before counts as progress. NaN never does. */
export function advance(progress: Progress, detF: number, rule: StoppingRule): [next: Progress, improved: boolean] {
  const iterations = progress.iterations + 1
  if (detF > progress.maxDetF) return [{ iterations, patience: 0, maxDetF: detF }, true]
  const counts = progress.iterations > rule.minIterations
  return [{ ...progress, iterations, patience: progress.patience + (counts ? 1 : 0) }, false]
}
