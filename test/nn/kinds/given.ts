import { np, random } from '@cotangent/autodiff'
import { type Call, options } from '../../helpers/wrong-kinds.ts'

export const key = random.PRNGKey(0)
export const x = np.array([
  [0.5, 0.25],
  [1, -1],
])
export const image = np.ones([1, 3, 3, 1])
export const call = (f: unknown): Call => f as Call
/** What draws, as an object that is not taken apart. */
export const source = Object.create(random) as typeof random
export const initOptions = options({ random: source, dtype: 'float32' })
export const applyOptions = options({ rng: key, random: source })
