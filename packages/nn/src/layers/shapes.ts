import type { Shape } from '@cotangent/autodiff'

/** How shapes appear in messages: `[2, 3]`. */
export const show = (shape: Shape): string => `[${shape.join(', ')}]`
