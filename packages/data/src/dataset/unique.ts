import { hostData, NDArray } from '@cotangent/autodiff/array'
import { datasetInside } from './chunk.ts'
import { left, perElement } from './each.ts'
import { isNested } from './nested.ts'
import type { Pull, Stage } from './stage.ts'
import { type ElementLeaf, flatten, isElementLeaf, showStructure } from './structure.ts'

/** Each element once, where it comes first. Elements are alike when shapes, dtypes and all bits are. */
export function unique(source: Stage): Stage {
  const open = (): Pull => {
    const seen = new Set<string>()
    return perElement(source.open(), async (element) => {
      const key = await written(element)
      if (seen.has(key)) return left
      seen.add(key)
      return element
    })
  }
  return { spec: () => source.spec(), cardinality: 'unknown', cycle: undefined, open }
}

/** The whole element as text. */
async function written(element: unknown): Promise<string> {
  const { structure, leaves } = flatten<ElementLeaf>(element, isElementLeaf, 'unique: the element')
  const parts = [showStructure(structure)]
  for (const leaf of leaves) {
    if (isNested(leaf)) throw datasetInside('unique')
    parts.push(`${leaf.dtype}[${leaf.shape.join()}]`)
    if (leaf instanceof NDArray) {
      await leaf.ready()
      const data = hostData(leaf)
      parts.push(text(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)))
    } else for (let i = 0; i < leaf.size; i++) parts.push(String(leaf.item(i).length), text(leaf.item(i)))
  }
  return parts.join('|')
}

function text(bytes: Uint8Array): string {
  let out = ''
  for (let i = 0; i < bytes.length; i += 4096) out += String.fromCharCode(...bytes.subarray(i, i + 4096))
  return out
}
