import type { Diagnostics } from '../information/statistics.ts'

/**
 * The numbers of every iteration since the IMNN was made. `detF` … `r` are those of the training set at the weights
 * before the update of their iteration, `valDetF` … `valR` those of the validation set after it (empty without one).
 */
export interface History {
  readonly detF: readonly number[]
  readonly detC: readonly number[]
  readonly detInvC: readonly number[]
  readonly lambda2: readonly number[]
  readonly r: readonly number[]
  readonly valDetF: readonly number[]
  readonly valDetC: readonly number[]
  readonly valDetInvC: readonly number[]
  readonly valLambda2: readonly number[]
  readonly valR: readonly number[]
}

/** What `toJSON` gives. */
export interface HistoryJson {
  readonly history: History
  /** The largest |F| reached (of the validation set where there is one). */
  readonly maxDetF: number
  readonly iterations: number
}

/** A history, or a part of one, to write to. */
export type Writable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] }

export const emptyHistory: History = {
  detF: [],
  detC: [],
  detInvC: [],
  lambda2: [],
  r: [],
  valDetF: [],
  valDetC: [],
  valDetInvC: [],
  valLambda2: [],
  valR: [],
}

/** Writes the rows of some iterations at the end of a history (a draft of it). */
export function append(history: Writable<History>, iterations: readonly Measured[]): void {
  for (const { training, validation } of iterations) {
    history.detF.push(training.detF)
    history.detC.push(training.detC)
    history.detInvC.push(training.detInvC)
    history.lambda2.push(training.lambda2)
    history.r.push(training.r)
    if (validation === undefined) continue
    history.valDetF.push(validation.detF)
    history.valDetC.push(validation.detC)
    history.valDetInvC.push(validation.detInvC)
    history.valLambda2.push(validation.lambda2)
    history.valR.push(validation.r)
  }
}

/** The numbers of one iteration. */
export interface Measured {
  readonly training: Diagnostics<number>
  readonly validation: Diagnostics<number> | undefined
}

/** The numbers that judge an iteration: the validation set's where there is one. */
export const judged = ({ training, validation }: Measured): Diagnostics<number> => validation ?? training
