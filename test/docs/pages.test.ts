import * as autodiff from '@cotangent/autodiff'
import * as data from '@cotangent/data'
import * as imnn from '@cotangent/imnn'
import * as nn from '@cotangent/nn'
import { describe, expect, test } from 'vitest'
import { examplesIn, runExample } from './examples.ts'

const modules = {
  '@cotangent/autodiff': autodiff,
  '@cotangent/data': data,
  '@cotangent/imnn': imnn,
  '@cotangent/nn': nn,
}

describe.each(['docs/sharp-edges.md'])('%s', (page) => {
  test.each(examplesIn(page))('line $line', async (example) => {
    const claims = await runExample(example, modules, autodiff)
    expect(claims.length).toBeGreaterThan(0)
    for (const { expression, found, claimed } of claims)
      expect(`${expression} → ${found}`).toBe(`${expression} → ${claimed}`)
  })
})
