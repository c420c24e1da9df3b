import type { Degree } from '../board/degrees.ts'
import type { PermissionFix } from '../board/permission-files.ts'
import { bold } from './print.ts'

/** The degrees of power, the one that holds marked. */
export function degreeLines(degrees: readonly Degree[]): string[] {
  const marks = { held: '', now: 'now', open: 'open' }
  return degrees.map(({ name, state, gives, by }) => `${name.padEnd(6)}  ${marks[state].padEnd(4)}  ${gives} (${by})`)
}

/** Commands and files to be copied, each with what it is for. */
export function fixLines(fix: PermissionFix | undefined, asRoot: boolean): string[] {
  if (fix === undefined) return ['nothing to fix: what this kernel offers, this user may set and read']
  return [
    ...(asRoot ? ['# You are root and may do all this already: for another user, put the name in place of "$(id -un)".'] : []),
    ...comment(`A group of its own, which gets at ${fix.grants.map(({ what }) => what).join(', ')} and nothing else.`),
    ...fix.before,
    ...fix.files.flatMap(({ path, why, content }) => ['', ...comment(why), `sudo tee ${path} > /dev/null <<'EOF'`, content.trimEnd(), 'EOF']),
    '',
    ...comment('At once.'),
    ...fix.after.map(commented),
    '',
    ...comment('To undo it:'),
    ...fix.undo.map((line) => `#   ${line}`),
    ...fix.notes.flatMap((note) => ['', ...comment(`Note: ${note}.`)]),
  ]
}

export const fixHint = (fix: PermissionFix | undefined): string[] =>
  fix === undefined ? [] : [`${bold('flyball doctor --fix')} prints the commands and files that grant it, and runs none of them`]

const comment = (text: string): string[] => [`# ${text}`]
const commented = (line: string): string => (line.startsWith('sudo ') ? line : `# ${line}`)
