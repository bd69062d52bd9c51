import { warn } from '../../array/warn.ts'
import { type Aval, showAval } from '../../core/jaxpr.ts'

/** What a function was compiled for. */
export interface CompiledFor {
  /** The structure of the arguments. */
  readonly structure: string
  readonly avals: readonly Aval[]
  /** The keys of static arguments, by position. */
  readonly statics: ReadonlyMap<number, string>
  readonly paths: () => readonly string[]
}

/** From this many programs of one function on, it is suspicious if most calls made a new one. */
const SUSPICIOUS = 10

/** Counts what one function is compiled for, and warns once when nearly every call compiles it anew. */
export class Recompilations {
  /** How often the function was compiled. */
  count = 0
  /** How often it was called. */
  calls = 0
  #last: CompiledFor | undefined
  #warned = false
  readonly #name: string

  constructor(name: string) {
    this.#name = name
  }

  add(now: CompiledFor): void {
    this.count++
    const before = this.#last
    this.#last = now
    if (this.#warned || before === undefined || this.count < SUSPICIOUS || this.calls > 2 * this.count) return
    const change = changeBetween(before, now)
    if (change === undefined) return
    this.#warned = true
    warn(
      `${this.#name} was compiled ${this.count} times in ${this.calls} calls, and compiling takes far longer than running. The last time ${change.says}. ${change.advice}`,
    )
  }
}

const SHAPES = 'Pad arguments to one shape, or to a few'

/** What is different, and what to do about it. */
function changeBetween(before: CompiledFor, now: CompiledFor): { says: string; advice: string } | undefined {
  for (const [position, key] of now.statics) {
    const old = before.statics.get(position)
    if (old === key) continue
    const advice = key.startsWith('function ')
      ? 'Functions are compared by identity: make it once, outside the loop'
      : 'Pass what changes often as an array'
    return { says: `static argument ${position} changed from ${old ?? 'nothing'} to ${key}`, advice }
  }
  if (before.structure !== now.structure) {
    return {
      says: `the structure of the arguments changed from ${before.structure} to ${now.structure}`,
      advice: 'Pass trees of one structure',
    }
  }
  const at = now.avals.findIndex((aval, i) => showAval(aval) !== showAval(before.avals[i] as Aval))
  if (at < 0) return undefined
  const [old, aval] = [before.avals[at] as Aval, now.avals[at] as Aval]
  const what = old.dtype === aval.dtype ? 'shape' : 'dtype'
  return {
    says: `the ${what} of ${now.paths()[at]} changed: ${showAval(old)} became ${showAval(aval)}`,
    advice: what === 'shape' ? SHAPES : 'Convert it to one dtype before the call, with x.astype("float32")',
  }
}
