/** Numbers that programs write out: also as `np.pi`. */
export const pi: number = Math.PI
/** Euler’s number, the base of natural logarithms. */
export const e: number = Math.E
/** The limit of 1 + 1/2 + … + 1/n − ln n. */
export const eulerGamma = 0.5772156649015329
/** Infinity. */
export const inf: number = Infinity
/** Not a number. */
export const nan: number = NaN
