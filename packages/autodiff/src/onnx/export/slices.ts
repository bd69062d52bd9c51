import type { Jaxpr } from '../../core/jaxpr.ts'
import { openSizeUsed, type OpenSizes } from '../lowering/open-sizes.ts'

const cutting = ['slice', 'dynamic_slice']

/**
 * Throws an OpenSizeError where a fixed number of entries, more than one, is cut from an open axis: there may be fewer.
 * A graph would give what there is.
 */
export function checkSlices(jaxpr: Jaxpr, open: OpenSizes): void {
  if (open.axes.length === 0) return
  for (const { primitive, params, inputs, outputs } of jaxpr.equations) {
    if (cutting.includes(primitive.name)) {
      const [from, to] = [inputs[0]!.aval.shape, outputs[0]!.aval.shape]
      if (from.some((n, i) => open.isOpen(n) && !open.isOpen(to[i]!) && to[i]! > 1))
        throw openSizeUsed('in a size or an index (a fixed number of its entries)')
    }
    for (const inner of primitive.jaxprs?.(params) ?? []) checkSlices(inner, open)
  }
}
