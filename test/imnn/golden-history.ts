import type { History } from '@cotangent/imnn'
import { expect } from 'vitest'

/** A fit of the original. */
export interface FitCase {
  readonly fn: string
  readonly tag: string
  readonly iterations: number
  readonly args: {
    readonly lambda: number
    readonly eps: number
    readonly patience: number
    readonly max_iterations: number
  }
  readonly setup: {
    readonly seed: number
    readonly n_s: number
    readonly n_d: number
    readonly validation?: boolean
    readonly delta_theta?: readonly number[]
  }
  readonly history_index: readonly number[]
  readonly history: Readonly<Record<string, readonly number[]>>
  readonly max_detF: number
  readonly F: readonly (readonly number[])[]
  readonly mu: readonly number[]
  readonly dmu: readonly (readonly number[])[]
  readonly estimates: readonly (readonly number[])[]
  readonly target: readonly (readonly number[])[]
  readonly best_w_sums: readonly (readonly [shape: number[], sum: number, sumsq: number])[]
}

const names: Readonly<Record<string, keyof History>> = {
  detF: 'detF',
  detC: 'detC',
  detinvC: 'detInvC',
  Λ2: 'lambda2',
  r: 'r',
  val_detF: 'valDetF',
  val_detC: 'valDetC',
  val_detinvC: 'valDetInvC',
  val_Λ2: 'valLambda2',
  val_r: 'valR',
}

/** The first 20 iterations to 1e-3, the first three to 1e-4. */
export function expectHistory(history: History, { history: expected }: Pick<FitCase, 'history'>): void {
  for (const [name, column] of Object.entries(expected)) {
    const found = history[names[name]!].slice(0, 20)
    expect(found.length, name).toBe(Math.min(20, column.length))
    found.forEach((x, i) => {
      const wanted = column[i]!
      expect(Math.abs(x - wanted) / Math.abs(wanted), `${name}[${i}]`).toBeLessThan(i < 3 ? 1e-4 : 1e-3)
    })
  }
}
