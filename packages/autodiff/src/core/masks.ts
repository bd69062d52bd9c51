import { type Atom, Var } from './jaxpr.ts'

/** Masks say which of some values have a property: a tangent, a batch axis, dependence. */
export type Mask = readonly boolean[]

export const either = (a: Mask, b: Mask): boolean[] => a.map((is, i) => is || b[i] === true)
export const any = (mask: Mask): boolean => mask.some(Boolean)
/** At how many places it is true. */
export const count = (mask: Mask): number => mask.filter(Boolean).length
export const none = (n: number): boolean[] => new Array<boolean>(n).fill(false)

/** The values where the mask is true, and those where it is not. */
export const pick = <T>(values: readonly T[], mask: Mask): T[] => values.filter((_, i) => mask[i])
export const drop = <T>(values: readonly T[], mask: Mask): T[] => values.filter((_, i) => !mask[i])

/** What `pick` picked, in its places; `null` elsewhere. */
export function spread<T>(values: readonly T[], mask: Mask): (T | null)[] {
  let next = 0
  return mask.map((is) => (is ? (values[next++] as T) : null))
}

/** Values in consecutive groups of these lengths, and the rest. */
export function groups<T>(values: readonly T[], ...lengths: readonly number[]): T[][] {
  let at = 0
  const found = lengths.map((n) => values.slice(at, (at += n)))
  return [...found, values.slice(at)]
}

export const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)

/** The mask, grown until a round adds nothing: what comes out of a loop's body goes into it again. */
export function fixpoint(start: Mask, round: (mask: Mask) => Mask): Mask {
  for (let mask = start; ; ) {
    const next = either(mask, round(mask))
    if (next.every((is, i) => is === mask[i])) return mask
    mask = next
  }
}

/** Whether each atom is one of these variables. */
export const marksOf = (atoms: readonly Atom[], variables: ReadonlySet<Var>): boolean[] =>
  atoms.map((atom) => atom instanceof Var && variables.has(atom))

/** Masks as a key for `memoize`, and back. */
export const maskKey = (...masks: readonly Mask[]): string => masks.map((mask) => mask.map(Number).join('')).join(' ')
export const masksOf = (key: string): boolean[][] =>
  key.split(' ').map((bits) => bits.split('').map((bit) => bit === '1'))
