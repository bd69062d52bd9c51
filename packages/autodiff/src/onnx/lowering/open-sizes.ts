import { CotangentError, ValueError } from '../../array/errors.ts'
import type { Shape } from '../../array/shape.ts'

/**
 * Shapes are static, but an exported model may leave axes open. Such an axis is traced with a prime for its size, one a
 * name; wherever a size is a multiple of it, the axis is that open one, or one merged with others.
 */
export class OpenSizes {
  /** The name and the prime of each open size. */
  readonly axes: readonly (readonly [name: string, prime: number])[]

  constructor(axes: readonly (readonly [name: string, prime: number])[]) {
    this.axes = axes
  }

  /** A size as a number times powers of the open ones; undefined for one that has none of them. */
  factors(size: number): { readonly number: number; readonly powers: readonly number[] } | undefined {
    if (this.axes.length === 0 || size === 0) return undefined
    let number = size
    const powers = this.axes.map(([, prime]) => {
      let power = 0
      while (number % prime === 0) {
        number /= prime
        power++
      }
      return power
    })
    return number === size ? undefined : { number, powers }
  }

  isOpen(size: number): boolean {
    return this.axes.some(([, prime]) => size !== 0 && size % prime === 0)
  }

  hasOpen(shape: Shape): boolean {
    return this.axes.length > 0 && shape.some((n) => this.isOpen(n))
  }

  /** Which open size it is, when it is one alone. */
  nameOf(size: number): string | undefined {
    return this.axes.find(([, prime]) => prime === size)?.[0]
  }

  /** The size as a reader of the model sees it: `batch`, `2*batch`, `batch*time`; a static one as its number. */
  show(size: number): string {
    const found = this.factors(size)
    if (found === undefined) return String(size)
    const names = this.axes.flatMap(([name], i) => new Array<string>(found.powers[i]!).fill(name))
    return [...(found.number === 1 ? [] : [String(found.number)]), ...names].join('*')
  }
}

/** All sizes are static. */
export const allStatic: OpenSizes = new OpenSizes([])

/** More open sizes than that, and their products are no exact numbers. */
const MOST = 4

/**
 * Two choices of primes for open sizes of these names. A program that is right for any size is the same for both, sizes
 * apart; what differs was computed from them (see `checkSame`). Each `attempt` has others, should one of them be a
 * factor of a size of the program.
 */
export function choosePrimes(names: readonly string[], attempt: number): [OpenSizes, OpenSizes] {
  if (names.length > MOST)
    throw new ValueError(`exportOnnx: ${names.length} open sizes (${names.join(', ')}); a model can have ${MOST}`)
  const start = 1000 * (attempt + 1)
  const first = primesFrom(start, names.length)
  const second = primesFrom(first.at(-1)! + 1, names.length)
  return [first, second].map((primes) => new OpenSizes(names.map((name, i) => [name, primes[i]!] as const))) as [
    OpenSizes,
    OpenSizes,
  ]
}

function primesFrom(start: number, count: number): number[] {
  const found: number[] = []
  for (let n = start; found.length < count; n++) {
    let divisor = 2
    while (divisor * divisor <= n && n % divisor !== 0) divisor++
    if (divisor * divisor > n) found.push(n)
  }
  return found
}

/** The function computes with the size of an open axis. */
export class OpenSizeError extends CotangentError {}

export const openSizeUsed = (how: string): OpenSizeError => new OpenSizeError(how)
