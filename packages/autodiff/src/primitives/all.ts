import type { Primitive } from '../core/primitive.ts'
import * as arithmetic from './arithmetic.ts'
import * as broadcast from './broadcast.ts'
import * as complex from './complex.ts'
import * as comparison from './comparison.ts'
import * as concatenate from './concatenate.ts'
import * as convert from './convert.ts'
import * as creation from './creation.ts'
import * as determinant from './determinant.ts'
import * as dot from './dot.ts'
import * as fft from './fft.ts'
import * as indexing from './indexing.ts'
import * as inverse from './inverse.ts'
import * as reductions from './reductions.ts'
import * as reshape from './reshape.ts'
import * as rev from './rev.ts'
import * as slicing from './slicing.ts'
import * as threefry from './threefry.ts'
import * as transcendental from './transcendental.ts'

const families = [
  arithmetic,
  broadcast,
  comparison,
  complex,
  concatenate,
  convert,
  creation,
  determinant,
  dot,
  fft,
  indexing,
  inverse,
  reductions,
  reshape,
  rev,
  slicing,
  threefry,
  transcendental,
]

/** Every primitive by name: what is exported from a family's file with a name that ends in `Primitive`. */
export const allPrimitives: ReadonlyMap<string, Primitive> = new Map(
  families.flatMap((family) =>
    Object.entries(family)
      .filter(([name]) => name.endsWith('Primitive'))
      .map(([, value]) => [(value as unknown as Primitive).name, value as unknown as Primitive] as const),
  ),
)
