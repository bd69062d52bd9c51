import type { Primitive } from '../core/primitive.ts'
import * as arithmetic from './arithmetic.ts'
import * as broadcast from './broadcast.ts'
import * as comparison from './comparison.ts'
import * as concatenate from './concatenate.ts'
import * as convert from './convert.ts'
import * as creation from './creation.ts'
import * as determinant from './determinant.ts'
import * as dot from './dot.ts'
import * as indexing from './indexing.ts'
import * as inverse from './inverse.ts'
import * as reductions from './reductions.ts'
import * as reshape from './reshape.ts'
import * as rev from './rev.ts'
import * as slicing from './slicing.ts'
import * as threefry from './threefry.ts'
import * as transcendental from './transcendental.ts'
import * as bessel from './bessel.ts'
import * as bounds from './bounds.ts'
import * as entropy from './entropy.ts'
import * as errorFunctions from './error-functions.ts'
import * as exponentialIntegrals from './exponential-integrals.ts'
import * as gamma from './gamma.ts'
import * as incomplete from './incomplete.ts'
import * as inverseFunctions from './inverse-functions.ts'
import * as precision from './precision.ts'

const families = [
  arithmetic,
  broadcast,
  comparison,
  concatenate,
  convert,
  creation,
  determinant,
  dot,
  indexing,
  inverse,
  reductions,
  reshape,
  rev,
  slicing,
  threefry,
  transcendental,
  bessel,
  bounds,
  entropy,
  errorFunctions,
  exponentialIntegrals,
  gamma,
  incomplete,
  inverseFunctions,
  precision,
]

/** Every primitive by name: what is exported from a family's file with a name that ends in `Primitive`. */
export const allPrimitives: ReadonlyMap<string, Primitive> = new Map(
  families.flatMap((family) =>
    Object.entries(family)
      .filter(([name]) => name.endsWith('Primitive'))
      .map(([, value]) => [(value as unknown as Primitive).name, value as unknown as Primitive] as const),
  ),
)
