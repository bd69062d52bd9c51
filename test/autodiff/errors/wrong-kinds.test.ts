import { describe, expect, test } from 'vitest'
import { legacyRandom, random } from '@cotangent/autodiff'
import { faultsOf } from '../../helpers/wrong-kinds.ts'
import { laxCalls } from './kinds/lax.ts'
import { fftCalls, linalgCalls, specialCalls, statsCalls } from './kinds/mathematics.ts'
import { randomCalls } from './kinds/random.ts'
import { testingCalls, transformationCalls } from './kinds/transformations.ts'
import fs from 'node:fs'
const modules = { linalg: linalgCalls, fft: fftCalls, special: specialCalls, stats: statsCalls, random: randomCalls(random), legacyRandom: randomCalls(legacyRandom), lax: laxCalls, transformations: transformationCalls, testing: testingCalls }
describe.each(Object.entries(modules))('%s', (module, calls) => {
  test.each(Object.keys(calls))('%s', async (name) => {
    fs.writeFileSync('/tmp/wt-sweep/at', module + ' ' + name)
    const start=performance.now()
    const f = await faultsOf(name, calls[name]!)
    fs.appendFileSync('/tmp/wt-sweep/faults'+(process.env.W??'')+'.txt', f.map(x=>module+'.'+x.replace(/(.{0,260}).*? (throws|says|takes) (.*)/s,'$1 $2 $3').slice(0,420)+'\n').join(''))
    fs.appendFileSync('/tmp/wt-sweep/times'+(process.env.W??'')+'.txt', `${Math.round(performance.now()-start)} ${module}.${name}\n`)
    expect(f).toEqual([])
  })
})
