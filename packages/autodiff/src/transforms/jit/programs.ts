import { ValueError } from '../../array/errors.ts'
import { LruMap } from '../../array/lru.ts'
import type { NDArray } from '../../array/ndarray.ts'
import { withStructs } from '../../array/struct.ts'
import { signature } from '../../array/tree-signature.ts'
import type { Leaf } from '../../array/tree-types.ts'
import { treePaths } from '../../array/tree.ts'
import { now } from '../../core/clock.ts'
import { context } from '../../core/context.ts'
import { type Aval, avalOf } from '../../core/jaxpr.ts'
import { donatedOf } from './donate.ts'
import {
  flattenArrays,
  flattenAvals,
  leafToArray,
  type StagedFunction,
  stageFunction,
  type TreeFunction,
} from '../function.ts'
import { Recompilations } from './recompilation.ts'
import { resolvePositions, staticKey } from './static-arguments.ts'
import type { TreeDef } from '../../array/tree.ts'

/** Programs that one function holds; JAX's limit. */
const PROGRAMS = 4096

/** A function traced for arguments of some structure, shapes, dtypes and static values. */
export interface Program {
  readonly staged: StagedFunction
  /** Milliseconds that tracing took. */
  readonly trace: number
}

/** A program and the operands of a call. */
export interface ProgramCall {
  readonly program: Program
  readonly leaves: readonly NDArray[]
  /** Arrays to give back after the call, and where they are. */
  readonly donated: ReadonlyMap<NDArray, string>
}

/** A program for arguments that may be shapes and dtypes alone. */
export interface AbstractCall {
  readonly program: Program
  readonly inputs: readonly Aval[]
  readonly def: TreeDef
  /** Tells it from the other programs. */
  readonly key: string | undefined
  /** The function of the arguments that are traced, and those, null for the static ones. */
  readonly traced: TreeFunction
  readonly given: readonly unknown[]
}

/** Arguments, with null for the static ones, which are part of the program. */
interface Given {
  readonly traced: readonly unknown[]
  readonly statics: ReadonlyMap<number, string>
  readonly donated: ReadonlySet<number>
}

/** The programs of compiled functions that have static arguments, which an export fills in. */
export const withStatics: WeakMap<object, Programs> = new WeakMap<object, Programs>()

const nowhere: ReadonlySet<number> = new Set()
const noKeys: ReadonlyMap<number, string> = new Map()
const nothing: ReadonlyMap<NDArray, string> = new Map()

/** The programs of one function, made when they are needed. */
export class Programs {
  readonly #name: string
  readonly #f: TreeFunction
  readonly #static: readonly number[]
  readonly #donated: readonly number[]
  readonly #programs = new LruMap<string, Program>(PROGRAMS)
  readonly #recompilations: Recompilations

  constructor(name: string, f: TreeFunction, staticPositions: readonly number[], donatedPositions: readonly number[]) {
    this.#name = name
    this.#f = f
    this.#static = staticPositions
    this.#donated = donatedPositions
    this.#recompilations = new Recompilations(name)
  }

  get size(): number {
    return this.#programs.size
  }

  get compilations(): number {
    return this.#recompilations.count
  }

  clear(): void {
    this.#programs.clear()
  }

  values(): Program[] {
    return this.#programs.values()
  }

  /** The program for a call, and its operands. */
  find(args: readonly unknown[]): ProgramCall {
    this.#recompilations.calls++
    const given = this.#given(args)
    const leaves: Leaf[] = []
    const key = keyOf(given.traced, given.statics, leaves)
    const donated = given.donated.size === 0 ? nothing : donatedOf(this.#name, given.traced, given.donated)
    const known = this.#known(key)
    if (known !== undefined) return { program: known, leaves: leaves.map(leafToArray), donated }
    const [arrays, def] = flattenArrays(given.traced, `${this.#name}: arguments`)
    return { program: this.#stage(args, given, key, arrays, def), leaves: arrays, donated }
  }

  /** The program for arguments of these shapes and dtypes. */
  lower(args: readonly unknown[]): AbstractCall {
    const given = this.#given(args)
    const traced = withStructs(given.traced, `${this.#name}: arguments`) as readonly unknown[]
    const [inputs, def] = flattenAvals(traced, `${this.#name}: arguments`)
    const key = keyOf(traced, given.statics, [])
    const program = this.#known(key) ?? this.#stage(args, { ...given, traced }, key, inputs, def)
    return { program, inputs, def, key, traced: this.#traced(args, given.statics), given: traced }
  }

  /** What tells the program for these arguments from others. */
  keyOf(args: readonly unknown[]): string | undefined {
    const { traced, statics } = this.#given(args)
    return keyOf(traced, statics, [])
  }

  #given(args: readonly unknown[]): Given {
    if (this.#static.length + this.#donated.length === 0) return { traced: args, statics: noKeys, donated: nowhere }
    const fixed = resolvePositions(this.#name, 'staticArgnums', this.#static, args.length)
    const donated = resolvePositions(this.#name, 'donateArgnums', this.#donated, args.length)
    const statics = new Map<number, string>()
    for (const at of fixed) {
      if (donated.has(at))
        throw new ValueError(`${this.#name}: argument ${at} is static and donated; a static one has no memory to give`)
      statics.set(at, staticKey(this.#name, args[at], at))
    }
    return { traced: args.map((x, i) => (fixed.has(i) ? null : x)), statics, donated }
  }

  /** The function with the static arguments filled in. */
  #traced(args: readonly unknown[], statics: Given['statics']): TreeFunction {
    if (statics.size === 0) return this.#f
    const f = this.#f as (...xs: readonly unknown[]) => unknown
    return ((...xs: readonly unknown[]) => f(...xs.map((x, i) => (statics.has(i) ? args[i] : x)))) as TreeFunction
  }

  /** A program whose equations are to know their lines is made anew. */
  #known(key: string | undefined): Program | undefined {
    return key === undefined || context.locating ? undefined : this.#programs.get(key)
  }

  #stage(
    args: readonly unknown[],
    { traced, statics }: Given,
    key: string | undefined,
    avals: readonly Aval[],
    def: TreeDef,
  ): Program {
    const start = now()
    const staged = stageFunction(this.#name, this.#traced(args, statics), def, avals)
    const program = { staged, trace: now() - start }
    // What captures values of an enclosing trace is a program of that trace only.
    if (key === undefined || staged.captured.length > 0 || context.locating) return program
    this.#programs.set(key, program)
    this.#recompilations.add({
      structure: def.text,
      avals: avals.map(avalOf),
      statics,
      paths: () => treePaths(traced, 'arguments'),
    })
    return program
  }
}

function keyOf(traced: unknown, statics: ReadonlyMap<number, string>, leaves: Leaf[]): string | undefined {
  const key = signature(traced, leaves)
  return key === undefined || statics.size === 0 ? key : `${key} ${[...statics].join(' ')}`
}
