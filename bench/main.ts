import { writeFile } from 'node:fs/promises'
import { programsBesideJax } from './beside-jax/beside-jax.ts'
import { pipelines } from './data/pipelines.ts'
import { elementwise } from './engine/elementwise.ts'
import { network } from './engine/network.ts'
import { normals } from './engine/normals.ts'
import { matmul } from './engine/matmul.ts'
import { operations, small } from './engine/operations.ts'
import { tracing } from './engine/trace.ts'
import { classes } from './fit-step/classes.ts'
import { compileCost } from './fit-step/compile.ts'
import { inMemory } from './fit-step/in-memory.ts'
import { besideJax } from './fit-step/jax.ts'
import { streamed } from './fit-step/streamed.ts'
import { type Options, parseOptions, usage } from './lib/options.ts'
import { type Row, showRows } from './lib/rows.ts'

/** A benchmark: prints what it measures, and gives rows to compare. */
type Benchmark = (options: Options) => Promise<readonly Row[]>

const benchmarks: Readonly<Record<string, Benchmark>> = {
  'fit step, in memory': inMemory,
  'fit step, streamed': streamed,
  'fit step, classes': classes,
  'fit step, compile': compileCost,
  'fit step, beside JAX': besideJax,
  'programs, beside JAX': programsBesideJax,
  'interpreter, elementwise': elementwise,
  'interpreter, normals': normals,
  'interpreter, gradient': network,
  'interpreter, matmul': matmul,
  'interpreter, operations': operations,
  'interpreter, small arrays': small,
  'long programs': tracing,
  'data, pipelines': pipelines,
}

const options = parseOptions(process.argv.slice(2))
if (options === 'help') console.log(usage)
else {
  const rows: Row[] = []
  for (const [name, run] of Object.entries(benchmarks)) {
    if (!options.only.test(name)) continue
    console.log(`\n${name}, ${options.threads} ${options.threads === 1 ? 'thread' : 'threads'}`)
    rows.push(...(await run(options)))
  }
  console.log(`\n${showRows(rows)}`)
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(rows, null, 2)}\n`)
}
