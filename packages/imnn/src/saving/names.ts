import { treePaths } from '@cotangent/autodiff'
import type { Leaves } from '../information/summaries.ts'
import type { Structure } from '../tree.ts'

/** The place of each leaf in its tree, as `0.1` or `encoder.w`; by number where two places read the same. */
export function placesOf(structure: Structure<unknown>, leaves: Leaves): readonly string[] {
  const places = treePaths(structure.build(leaves), '').map((path) =>
    path.replaceAll(/\[(\d+)\]/g, '.$1').replace(/^\./, ''),
  )
  return new Set(places).size === places.length ? places : places.map((_, i) => `leaf ${i}`)
}

/** Its name in a file. */
export const nameIn = (part: string, place: string): string => (place === '' ? part : `${part}.${place}`)
