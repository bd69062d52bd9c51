import { defaultsOf, type Flags, helpOf, readFlags, type Values } from './flags.ts'

/** An example that `npm run example` runs. */
export interface Example {
  readonly name: string
  readonly about: string
  /** Runs it with a command line; gives the help that this asks for. */
  readonly command: (args: readonly string[]) => Promise<string | undefined>
}

/** An example as tests call it: its options have defaults. */
export type Runnable<F extends Flags, R> = Example & ((options?: Partial<Values<F>>) => Promise<R>)

/** Makes an example of a function and its options. */
export function example<F extends Flags, R>(
  name: string,
  about: string,
  flags: F,
  run: (options: Values<F>) => Promise<R>,
): Runnable<F, R> {
  const command = async (args: readonly string[]): Promise<string | undefined> => {
    const options = readFlags(flags, args)
    if (options === undefined) return `${about}\n\n  npm run example -- ${name} [options]\n\n${helpOf(flags)}\n`
    await run(options)
    return undefined
  }
  const call = (options: Partial<Values<F>> = {}): Promise<R> => run({ ...defaultsOf(flags), ...options })
  // A function has a name of its own, which is not to be written to.
  return Object.defineProperty(Object.assign(call, { about, command }), 'name', { value: name }) as Runnable<F, R>
}
