/** Numbers that programs write out: also as `np.pi`. */
export const pi: number = Math.PI
export const e: number = Math.E
/** The limit of 1 + 1/2 + … + 1/n − ln n. */
export const eulerGamma = 0.5772156649015329
export const inf: number = Infinity
export const nan: number = NaN
