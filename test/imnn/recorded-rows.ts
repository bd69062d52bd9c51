import type { History } from '@cotangent/imnn'
import { expect } from 'vitest'

/** det F, det C, det C⁻¹, Λ₂ and r of each iteration, of either set. */
export interface RecordedRows {
  readonly training: readonly (readonly number[])[]
  readonly validated: readonly (readonly number[])[]
}

const columns = [
  ['detF', 'valDetF'],
  ['detC', 'valDetC'],
  ['detInvC', 'valDetInvC'],
  ['lambda2', 'valLambda2'],
  ['r', 'valR'],
] as const

/** That a history is what JAX recorded, in its first `most` iterations. */
export function expectRows(history: History, { training, validated }: RecordedRows, most = Infinity): void {
  columns.forEach(([train, validate], column) => {
    for (const [name, rows] of [
      [train, training],
      [validate, validated],
    ] as const) {
      expect(history[name]).toHaveLength(rows.length)
      rows.slice(0, most).forEach((row, i) => {
        const [found, wanted] = [history[name][i]!, row[column]!]
        expect(Math.abs(found / wanted - 1), `${name}[${i}]: ${found}, not ${wanted}`).toBeLessThan(1e-3)
      })
    }
  })
}
