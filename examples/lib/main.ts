import { realpathSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { CotangentError } from '@cotangent/autodiff'
import { help, type Options, parseOptions, UsageError } from './options.ts'

/** Whether the module, whose `import.meta.url` is given, is what Node was started with. */
export function isScript(module: string): boolean {
  const script = process.argv[1]
  return script !== undefined && pathToFileURL(realpathSync(script)).href === module
}

/**
 * Runs a program for the command line. What the user can put right is said in a line, with where to look it up; anything
 * else is a bug, with its stack.
 */
export async function reporting(helpCommand: string, program: () => Promise<unknown>): Promise<void> {
  try {
    await program()
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}\n${helpCommand} tells all options`)
      process.exitCode = 2
    } else if (error instanceof CotangentError) {
      console.error(`${error.name}: ${error.message}`)
      process.exitCode = 1
    } else if (error instanceof Error && 'syscall' in error) {
      // The file system's own words name the path and what is wrong with it.
      console.error(error.message)
      process.exitCode = 1
    } else throw error
  }
}

/** Runs the tutorial with the options of the command line, if its module (whose `import.meta.url` is given) is what Node was started with. */
export async function runAsScript(module: string, tutorial: (options: Options) => Promise<unknown>): Promise<void> {
  if (!isScript(module)) return
  await reporting('npm run tutorial -- --help', async () => {
    const options = parseOptions(process.argv.slice(2))
    if (options === undefined) process.stdout.write(help)
    else await tutorial(options)
  })
}
