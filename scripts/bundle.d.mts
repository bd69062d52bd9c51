/** Bundles a package of packages/ into a folder. */
export function bundle(name: string, dist?: string): Promise<readonly { readonly fileName: string }[]>
