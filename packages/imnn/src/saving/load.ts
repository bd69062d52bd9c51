import type { Tree } from '@cotangent/autodiff'
import { IMNNError } from '../errors.ts'
import { IMNNValue } from '../imnn.ts'

/**
 * The IMNN that `save`, or a fit with `checkpoint`, has written. The same fit goes on from it as if it had never been
 * interrupted: to the last bit, on the same kind of device with the same simulations.
 *
 * @param path the file
 * @param imnn one made as the one that was written: the same kind, sizes, θ_fid, network and optimizer. Its simulations
 * and device are used from now on; its weights are not (they may be from any key).
 * @throws CheckpointError when there is no such file, it is damaged or of something else, or its IMNN is another: the
 * error names all that differs.
 * @example
 * await imnn.fit({ lambda: 10, epsilon: 0.1, maxIterations: 2, checkpoint: 'run.safetensors' })
 * const loaded = await load('run.safetensors', imnn)
 * loaded.iterations // 2
 */
export async function load<P extends Tree>(path: string, imnn: IMNNValue<P>): Promise<IMNNValue<P>> {
  if (!(imnn instanceof IMNNValue))
    throw new IMNNError(`load: the second argument must be an IMNN made like the one in ${String(path)}`)
  if (typeof path !== 'string') throw new IMNNError(`load: the path must be a text, not ${String(path)}`)
  return imnn.loaded(path)
}
