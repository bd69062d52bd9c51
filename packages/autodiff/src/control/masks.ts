import { type Atom, type Jaxpr, Var } from '../core/jaxpr.ts'

/** Masks say which of some values have a property: a tangent, a batch axis, dependence. */
export type Mask = readonly boolean[]

export const either = (a: Mask, b: Mask): boolean[] => a.map((is, i) => is || b[i] === true)
export const any = (mask: Mask): boolean => mask.some(Boolean)
export const none = (n: number): boolean[] => new Array<boolean>(n).fill(false)

export const pick = <T>(values: readonly T[], mask: Mask): T[] => values.filter((_, i) => mask[i])
export const drop = <T>(values: readonly T[], mask: Mask): T[] => values.filter((_, i) => !mask[i])

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

/** Values at the places where the mask is true, `null` elsewhere. */
export function spread<T>(values: readonly T[], mask: Mask): (T | null)[] {
  let next = 0
  return mask.map((is) => (is ? (values[next++] as T) : null))
}

/** Whether each atom is one of these variables. */
export const marksOf = (atoms: readonly Atom[], variables: ReadonlySet<Var>): boolean[] =>
  atoms.map((atom) => atom instanceof Var && variables.has(atom))

/** The Jaxpr with these variables for inputs, in this order; those it does not know are not used. */
export const withInputs = (jaxpr: Jaxpr, inputs: readonly Var[]): Jaxpr => ({ ...jaxpr, inputs })
export const withOutputs = (jaxpr: Jaxpr, outputs: readonly Atom[]): Jaxpr => ({ ...jaxpr, outputs })

/** Variables like these, known nowhere. */
export const fresh = (atoms: readonly Atom[]): Var[] => atoms.map((atom) => new Var(atom.aval))
