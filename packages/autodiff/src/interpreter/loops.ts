import type { TypedArray } from '../array/dtype.ts'

/** One number from the numbers of the operands. */
type Kernel = (...operands: number[]) => number

/** Fills `out`; an operand of one element stands for that number everywhere. */
export type Loop = (kernel: Kernel, operands: readonly TypedArray[], out: TypedArray) => void

const NAMES = ['x', 'y', 'z', 'w'] as const

/** The loop over `arity` operands, those of `repeated` being one number. */
function source(arity: number, repeated: readonly boolean[]): string {
  const names = NAMES.slice(0, arity)
  const first = names.filter((_, i) => repeated[i]).map((name) => `const ${name}0 = ${name}[0]`)
  const operands = names.map((name, i) => (repeated[i] === true ? `${name}0` : `${name}[i]`))
  return `const [${names.join(', ')}] = operands
    ${first.join('\n')}
    for (let i = 0; i < out.length; i++) out[i] = kernel(${operands.join(', ')})`
}

/** The same loop without generated code, where the page's policy forbids it. */
const plainLoop: Loop = (kernel, operands, out) => {
  const strides = operands.map((x) => (x.length === 1 ? 0 : 1))
  const values = operands.map(() => 0)
  for (let i = 0; i < out.length; i++) {
    for (let k = 0; k < operands.length; k++) values[k] = operands[k]![i * strides[k]!]!
    out[i] = kernel(...values)
  }
}

// Code of the same text is shared: each loop has a number of its own.
let made = 0

/**
 * A loop of its own: a copy of its code that only ever calls one kernel on one kind of array, so that the engine puts the
 * kernel into it. One loop shared by all kernels takes ten times as long.
 */
function ownLoop(arity: number, repeated: readonly boolean[]): Loop {
  if (arity > NAMES.length) return plainLoop
  try {
    // oxlint-disable-next-line no-implied-eval, no-new-func, typescript/no-implied-eval
    return new Function('kernel', 'operands', 'out', `${source(arity, repeated)} // ${made++}`) as Loop
  } catch {
    return plainLoop
  }
}

/** The loops of one kernel, made as they are needed. */
export class Loops {
  readonly #loops = new Map<string, Loop>()

  /** Applies `kernel` to each element; `kind` tells apart what must not share a loop (dtypes). */
  run(kernel: Kernel, kind: string, operands: readonly TypedArray[], out: TypedArray): TypedArray {
    const repeated = operands.map((x) => x.length === 1 && out.length !== 1)
    const key = kind + repeated.map(Number).join('')
    let loop = this.#loops.get(key)
    if (loop === undefined) this.#loops.set(key, (loop = ownLoop(operands.length, repeated)))
    loop(kernel, operands, out)
    return out
  }
}

/**
 * Copies of a function, one for each kind of what it works on: code that only ever sees one type of array and calls one
 * kernel is fast. The function must not use anything but its arguments. Where a page's policy forbids to make code, all
 * kinds share the function.
 */
export class Copies<F extends (...args: never[]) => unknown> {
  readonly #original: F
  readonly #copies = new Map<string, F>()

  constructor(original: F) {
    this.#original = original
  }

  for(kind: string): F {
    let copy = this.#copies.get(kind)
    if (copy === undefined) this.#copies.set(kind, (copy = copyOf(this.#original)))
    return copy
  }
}

function copyOf<F>(f: F): F {
  try {
    // oxlint-disable-next-line no-implied-eval, no-new-func, typescript/no-implied-eval
    return new Function(`return ${String(f)} // ${made++}`)() as F
  } catch {
    return f
  }
}
