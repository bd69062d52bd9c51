import * as autodiff from '@cotangent/autodiff'
import * as nn from '@cotangent/nn'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { camel, elsewhere, jaxNames, missing, namesPage, page, unexplained } from '../../scripts/numpy-table.mjs'

const exported = Object.keys(autodiff.np)
const pageAt = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
const text = pageAt('numpy.md')
const remedy = 'run: npm run build && node scripts/numpy-table.mjs'

test('docs/numpy.md and docs/jax-names.md are what scripts/numpy-table.mjs writes', () => {
  expect(text, remedy).toBe(page(exported))
  expect(pageAt('jax-names.md'), remedy).toBe(namesPage({ ...autodiff, nn }))
})

test('every function of jax.numpy is here, or the page says why not', () => {
  expect(unexplained(exported)).toEqual([])
})

test('what the page says is here is here, and what is here is on the page', () => {
  const claimed = [...text.matchAll(/`np\.(\w+)`/g)].map(([, name]) => name!)
  expect(claimed.filter((name) => !exported.includes(name) && name !== 'array')).toEqual([])
  expect(exported.filter((name) => !text.includes(`\`np.${name}\``))).toEqual([])
})

test('reasons and other names are given for names of jax.numpy that are not here', () => {
  const given = [...Object.keys(elsewhere), ...Object.values(missing).flatMap((names) => names.split(/\s+/))]
  expect(given.filter((name) => !jaxNames().includes(name))).toEqual([])
  expect(given.filter((name, i) => given.indexOf(name) !== i)).toEqual([])
  const explained = Object.entries(missing).flatMap(([reason, names]) =>
    reason === 'not yet' ? [] : names.split(/\s+/),
  )
  expect([...explained, ...Object.keys(elsewhere)].filter((name) => exported.includes(camel(name)))).toEqual([])
})
