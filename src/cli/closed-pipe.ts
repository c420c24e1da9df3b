/** What a shell reports for a command that SIGPIPE ended. Node ignores that signal and gets EPIPE instead. */
const brokenPipeStatus = 128 + 13

/**
 * Ends quietly when the reader of standard output has gone (`flyball boards | head`). Commands print there once their work is saved; exit handlers still put
 * the board back. Nobody reading standard error ends nothing.
 */
export function endWithItsReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(brokenPipeStatus)
  })
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}
