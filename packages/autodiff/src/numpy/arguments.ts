import { NDArray, type Operand } from '../array/ndarray.ts'

/** Whether an argument is the options object, and no operand. */
export const isOptions = <O extends object>(x: Operand | O | null | undefined): x is O =>
  typeof x === 'object' && x !== null && !(x instanceof NDArray) && !Array.isArray(x) && !ArrayBuffer.isView(x)

/** An operand that may be left out before the options. */
export function operandAndOptions<O extends object>(
  operand: Operand | O | null | undefined,
  options: O | undefined,
): [operand: Operand | undefined, options: O | undefined] {
  return isOptions<O>(operand) ? [undefined, operand] : [operand ?? undefined, options]
}

/** Any number of operands, and options after the last of them. */
export function operandsAndOptions<O extends object>(
  args: readonly (Operand | O)[],
): [operands: readonly Operand[], options: O | undefined] {
  const last = args[args.length - 1]
  return isOptions<O>(last) ? [args.slice(0, -1) as Operand[], last] : [args as readonly Operand[], undefined]
}
