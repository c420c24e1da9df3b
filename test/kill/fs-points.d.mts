export function watchChanges(at: (count: number, tear: () => void) => void): () => void
