/**
 * The module of a browser's workers, where a bundler puts the runtime in. It imports what the page does: `import()` would be
 * more than one file, which workers of some bundles cannot be.
 */
import * as runtime from 'onnxruntime-web/webgpu'
import { checkRoom } from '../backend/room.ts'
import { workerProgram } from './program.ts'
import { webChannel, type WorkerScope } from './web-channel.ts'

webChannel(globalThis as unknown as WorkerScope, (channel) => workerProgram(channel, () => runtime, checkRoom))
