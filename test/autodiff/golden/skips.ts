/** Golden cases that differ from JAX, with the reason. */
export const deviations: Readonly<Record<string, string>> = {}
