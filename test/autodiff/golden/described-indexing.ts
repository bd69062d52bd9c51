import { lax, type NDArray, np } from '@cotangent/autodiff'

type Fn = (...args: NDArray[]) => NDArray | NDArray[]

/** The cases of indexing, sorting and cumulative operations whose name is a description. */
export const describedIndexing: Readonly<Record<string, Fn>> = {
  'x.at[i].set': (x, i, u) => x!.set(i!, u!),
  'x.at[i].add dup': (x, i, u) => x!.addAt(i!, u!),
  'x.at[i].set oob': (x, i, u) => x!.set(i!, u!),
  'x.at[i].max': (x, i, u) => x!.maxAt(i!, u!),
  'x.at[1,0].mul': (x) => x!.mulAt([1, 0], 3),
  'lax.dynamic_slice clamp': (x, i) => lax.dynamicSlice(x!, [i!, 1], [2, 2]),
  'lax.dynamic_update_slice': (x, u, i) => lax.dynamicUpdateSlice(x!, u!, [i!, 0]),
  'numpy.sort axis=0': (x) => np.sort(x!, { axis: 0 }),
  'numpy.sort empty': (x) => np.sort(x!, { axis: 0 }),
  'lax.top_k': (x) => lax.topK(x!, 2),
  'numpy.roll': (x) => np.roll(x!, 1, { axis: 1 }),
  'numpy.histogram': (x) => np.histogram(x!, { bins: 4 }),
}
