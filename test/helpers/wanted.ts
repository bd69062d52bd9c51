/** How many cases a law is drawn for in this run: COTANGENT_RUNS, 100 if nothing is said. */
export const wanted = Number(process.env['COTANGENT_RUNS'] ?? 100)

/** Which ones: the same in every run, and so in CI, unless COTANGENT_SEED says others. */
export const seed = Number(process.env['COTANGENT_SEED'] ?? 1)

/** Whether tests that usually take a part of their cases, for their number, go through all. */
export const everything = wanted >= 1000
