import { type Device, registerDeviceProvider } from '../core/device.ts'
import { interpret } from '../core/jaxpr.ts'
import { evaluateEagerly } from '../core/evaluate.ts'

/** The interpreter as a device: always there, and the reference for the others. */
export const js: Device = {
  kind: 'js',
  id: 0,
  name: 'interpreter',
  compile: (jaxpr) => ({
    run: (inputs) =>
      interpret(
        jaxpr,
        inputs,
        (value) => value,
        ({ primitive, params }, operands) => evaluateEagerly(primitive, operands, params),
      ),
  }),
}

registerDeviceProvider({ kinds: ['js'], available: () => ['js'], list: () => [js] })
