/**
 * Runs an example by its name.
 *
 *     npm run example -- gaussian-field --size 16
 */
import { additiveNoise } from './additive-noise.ts'
import { gaussianField } from './gaussian-field.ts'
import type { Example } from './lib/example.ts'
import { isScript, reporting } from './lib/main.ts'
import { UsageError } from './lib/options.ts'
import { meanAndVariance } from './mean-and-variance.ts'
import { slope } from './slope.ts'

export const examples: readonly Example[] = [meanAndVariance, gaussianField, slope, additiveNoise]

const list = (): string => examples.map(({ name, about }) => `  ${name.padEnd(20)}${about}`).join('\n')

/** Runs what a command line names; gives the help that it asks for. */
export async function runNamed([name, ...args]: readonly string[]): Promise<string | undefined> {
  if (name === undefined || name === '--help' || name === '-h')
    return `npm run example -- NAME [options]\n\n${list()}\n\nnpm run example -- NAME --help tells the options\n`
  const found = examples.find((candidate) => candidate.name === name)
  if (found === undefined)
    throw new UsageError(
      `there is no example ${JSON.stringify(name)}; there are ${examples.map((e) => e.name).join(', ')}`,
    )
  return found.command(args)
}

if (isScript(import.meta.url))
  await reporting('npm run example -- --help', async () => {
    const help = await runNamed(process.argv.slice(2))
    if (help !== undefined) process.stdout.write(help)
  })
