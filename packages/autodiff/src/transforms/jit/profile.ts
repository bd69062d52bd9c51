import { showGiven } from '../../array/show.ts'
import { DeviceError, TracerError, ValueError } from '../../array/errors.ts'
import { checkOptions } from '../../array/options.ts'
import type { Liberal } from '../../array/tree-types.ts'
import { checkDevice, findDevice } from '../../core/device/default-device.ts'
import type { Device, DeviceKind, DeviceProfile, EquationTime } from '../../core/device/device.ts'
import { showAval } from '../../core/jaxpr.ts'
import { isTracing } from '../../core/trace.ts'
import { locating, showSource, type SourceLocation } from '../../core/source.ts'
import { table } from '../../cost/table.ts'
import { nameOf, type TreeFunction } from '../function.ts'
import { Programs } from './programs.ts'
import { positionsOf } from './static-arguments.ts'

export interface ProfileOptions {
  /** Where the function runs: a device, or the first of a kind. @defaultValue `defaultDevice()` */
  readonly device?: Device | DeviceKind
  /** How many runs are measured, after one that is not. @defaultValue 10 */
  readonly runs?: number
  /** Arguments that are not traced, as of `jit`. @defaultValue none */
  readonly staticArgnums?: number | readonly number[]
}

/** What one equation took. */
export interface ProfileRow {
  /** The equation's primitive; of what the runtime adds, its operator in brackets. */
  readonly primitive: string
  /** The user's line. A derivative has the line of what it is the derivative of. */
  readonly source: SourceLocation | undefined
  /** Shapes and dtypes of the results, as `float32[2, 3]`. */
  readonly result: string
  /** Milliseconds a run; of a loop without what its body took. */
  readonly time: number
  /** The part of all equations' time, from 0 to 1. */
  readonly share: number
  /** How many kernels ran for it in a run; more than one in a loop, or where the runtime has none of its own. */
  readonly kernels: number
  /** The operators that the runtime computed it with; none in the interpreter. */
  readonly operators: readonly string[]
}

/** Where a function spends its time. Print it for a table. */
export interface Profile {
  readonly device: string
  readonly runs: number
  /** Milliseconds a run, the runtime's own work included. */
  readonly time: number
  /** By equation, what took longest first. */
  readonly rows: readonly ProfileRow[]
  toString(): string
}

const MOST_RUNS = 1_000_000

/**
 * Says where `f` spends its time: runs it, compiled, and gives the time of every equation with the line that it comes
 * from. Nodes that the runtime fuses count for one of the equations they compute.
 *
 * @throws DeviceError when the device is not there or cannot tell; ValueError for a number of runs that cannot be.
 * @example
 * const { rows } = await profile((x, w) => np.tanh(x.matmul(w)), { runs: 3 })(np.ones([50, 40]), np.ones([40, 30]))
 * rows.map((row) => row.primitive).sort() // ['dot_general', 'tanh']
 */
export function profile<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  options: ProfileOptions = {},
): (...args: Liberal<A>) => Promise<Profile> {
  const name = nameOf('profile', f)
  const { device, runs = 10, staticArgnums } = checkOptions(name, options, ['device', 'runs', 'staticArgnums'])
  if (!Number.isInteger(runs) || runs < 1 || runs > MOST_RUNS)
    throw new ValueError(`${name}: runs is ${showGiven(runs)}; it must be a whole number from 1 to ${MOST_RUNS}`)
  if (device !== undefined) checkDevice(name, device)
  const fixed = positionsOf(name, 'staticArgnums', staticArgnums)
  return async (...args) => {
    if (isTracing()) throw new TracerError(`${name}: a function that is traced does not run, and cannot be profiled`)
    const { staged, leaves } = locating(() => {
      const { program, leaves } = new Programs(name, f as TreeFunction, fixed, []).find(args)
      return { staged: program.staged, leaves }
    })
    const on = findDevice(device, name)
    if (on.profile === undefined)
      throw new DeviceError(`${name}: ${on.name} has no profiler; use device: 'cpu', or 'js' for the interpreter`)
    return profileOf(on.name, runs, await on.profile(staged.jaxpr, leaves, runs))
  }
}

function profileOf(device: string, runs: number, { equations, others, time }: DeviceProfile): Profile {
  const all = [...equations.values(), ...others.values()].reduce((sum, entry) => sum + entry.time, 0)
  const row = (primitive: string, result: string, source: SourceLocation | undefined, took: EquationTime) => ({
    primitive,
    source,
    result,
    time: took.time,
    share: all === 0 ? 0 : took.time / all,
    kernels: took.kernels,
    operators: [...took.operators],
  })
  const rows: readonly ProfileRow[] = [
    ...Array.from(equations, ([{ primitive, outputs, source }, took]) =>
      row(primitive.name, outputs.map((v) => showAval(v.aval)).join(', '), source, took),
    ),
    ...Array.from(others, ([operator, took]) => row(`(${operator})`, '', undefined, took)),
  ].sort((a, b) => b.time - a.time)
  const found = { device, runs, time, rows }
  return { ...found, toString: () => showProfile(found) }
}

/** More rows say little. */
const SHOWN = 40

function showProfile({ device, runs, time, rows }: Omit<Profile, 'toString'>): string {
  const lines = rows
    .slice(0, SHOWN)
    .map((row) => [
      row.time.toFixed(3),
      `${(100 * row.share).toFixed(1)} %`,
      String(Math.round(row.kernels)),
      row.primitive,
      row.source === undefined ? '' : showSource(row.source),
      row.result,
      row.operators.join(', '),
    ])
  const head = ['ms', 'share', 'kernels', 'equation', 'line', 'result', 'operators']
  const rest = rows.slice(SHOWN)
  const more = rest.reduce((sum, row) => sum + row.time, 0)
  return [
    `${time.toFixed(3)} ms a run on ${device}, the mean of ${runs}`,
    table(head, lines, new Set([3, 4, 5, 6])),
    ...(rest.length > 0 ? [`… and ${rest.length} equations more, ${more.toFixed(3)} ms`] : []),
  ].join('\n')
}
