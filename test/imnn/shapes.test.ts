import { readFileSync } from 'node:fs'
import { IMNN, type IMNNOptions } from '@cotangent/imnn'
import { describe, test } from 'vitest'
import { optionsOf, problem, type RampCase } from './ramp-problem.ts'
import { expectRows, type RecordedRows } from './recorded-rows.ts'

type Case = RampCase & RecordedRows & { readonly lam: number; readonly eps: number }
const file = new URL('../fixtures/imnn/shapes.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: readonly Case[] }

describe.each(cases)(
  '$kind of $shape, $params parameters, $summaries summaries, n_s $n_s, n_d $n_d, λ $lam, ϵ $eps: as in JAX',
  (given) => {
    const ways = ['at once', 'in parts', 'from datasets'] as const
    test.each(given.kind === 'simulator' ? ways.slice(0, 2) : ways)('%s', async (how) => {
      const imnn = IMNN(optionsOf(given, how) as IMNNOptions<never>)
      const { fitKey: rng } = problem(given)
      const fitted = await imnn.fit({ lambda: given.lam, epsilon: given.eps, maxIterations: 10, rng })
      expectRows(fitted.history, given)
    })
  },
)
