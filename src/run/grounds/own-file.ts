/** Label of a board or scenario that is from a file of the user's; `shadows`: one that ships with flyball has its name, and is not meant. */
export function ownFile(what: 'board' | 'scenario', file: string | undefined, shadows: boolean): string[] {
  if (file === undefined) return []
  return [`${what} of ${file}${shadows ? `, not the ${what} of that name that ships with flyball` : ''}`]
}

/** A path, not a name: it ends in .json or has a folder in it. */
export const isFile = (nameOrPath: string): boolean => /\.json$|[/\\]/.test(nameOrPath)
