import { identities } from '../../array/objects.ts'
import { showGiven } from '../../array/show.ts'
import { ValueError } from '../../array/errors.ts'
import { Tracer } from '../../core/trace.ts'

/** Positions of arguments, as `staticArgnums` gives them: negative ones count from the last. */
export function positionsOf(
  name: string,
  option: string,
  given: number | readonly number[] | undefined,
): readonly number[] {
  if (given === undefined) return []
  const list: readonly unknown[] = Array.isArray(given) ? given : [given]
  for (const n of list) {
    if (!Number.isInteger(n))
      throw new ValueError(`${name}: ${option} has ${showGiven(n)}; it names arguments by whole numbers, as [0, 2]`)
  }
  return list as readonly number[]
}

/** The positions in a call with `count` arguments; throws where there is no such argument. */
export function resolvePositions(
  name: string,
  option: string,
  positions: readonly number[],
  count: number,
): ReadonlySet<number> {
  return new Set(
    positions.map((n) => {
      const at = n < 0 ? n + count : n
      if (at >= 0 && at < count) return at
      throw new ValueError(
        `${name}: ${option} names argument ${n}; the function was called with ${count} ${count === 1 ? 'argument' : 'arguments'}`,
      )
    }),
  )
}

const identityOf = identities()

/**
 * A text that is the same for equal static values: numbers (NaN is itself, −0 is not 0), strings, booleans, BigInts,
 * null, functions by identity, and frozen lists of these, as JAX has tuples.
 */
export function staticKey(name: string, value: unknown, argument: number): string {
  switch (typeof value) {
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value)
    case 'string':
      return JSON.stringify(value)
    case 'bigint':
      return `${value}n`
    case 'boolean':
    case 'undefined':
      return String(value)
    case 'function':
      return `function ${value.name} #${identityOf(value)}`
    case 'object':
      if (value === null) return 'null'
      if (Array.isArray(value) && Object.isFrozen(value))
        return `[${value.map((item) => staticKey(name, item, argument)).join(', ')}]`
  }
  if (value instanceof Tracer)
    throw new ValueError(
      `${name}: static argument ${argument} is a value that ${value.owner.name} traces, and a static one must be known; give it in a function around this one, as grad((x) => f(x, 3))`,
    )
  const kind = Array.isArray(value) ? 'list' : ((value as object).constructor?.name ?? typeof value)
  const remedy = Array.isArray(value)
    ? 'freeze it, Object.freeze([…])'
    : 'pass what varies as an argument that is not static'
  throw new ValueError(
    `${name}: static argument ${argument} is a ${kind}, which can change: static are numbers, strings, booleans, BigInts, null, functions and frozen lists of them; ${remedy}`,
  )
}
