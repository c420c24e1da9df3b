import type { Board } from './board.ts'

/** Whom the files let at the board. */
export const permissionGroup = 'flyball'

/** Files that the group gets at, and for what. */
export interface Grant {
  readonly what: string
  readonly right: 'read' | 'write'
  /** Below `/`, whatever stood for it. */
  readonly paths: readonly string[]
  /** CPUs whose coming brings the files, or the name of their device of the class powercap; none: they are there from the start. */
  readonly comesWith: { readonly cpus: readonly number[] } | { readonly powercap: string } | undefined
}

/** A file to be written, and what for. */
export interface PermissionFile {
  readonly path: string
  readonly why: string
  readonly content: string
}

/** Everything that lets a group at exactly the knobs and counters in use. Nothing of it is run. */
export interface PermissionFix {
  readonly group: string
  readonly grants: readonly Grant[]
  /** Before the files. */
  readonly before: readonly string[]
  readonly files: readonly PermissionFile[]
  /** After the files: they hold at once. */
  readonly after: readonly string[]
  readonly undo: readonly string[]
  readonly notes: readonly string[]
}

/** What a group can be let at: what is denied to this user, or all there is. */
export function grantsOf(board: Board, which: 'denied' | 'all'): Grant[] {
  const local = (path: string): string =>
    board.root === '/' || !path.startsWith(board.root) ? path : path.slice(board.root.replace(/\/$/, '').length)
  const clocks = board.clusters
    .filter(({ kind, writable }) => kind === 'cpu' && (writable === 'denied' || (which === 'all' && writable === 'yes')))
    .map(
      ({ id, cpus, policyPaths }): Grant => ({
        what: `frequency of ${id}`,
        right: 'write',
        paths: policyPaths.flatMap((policy) => ['scaling_min_freq', 'scaling_max_freq'].map((name) => `${local(policy)}/${name}`)),
        comesWith: { cpus },
      }),
    )
  const counters = board.energySources
    .filter(
      ({ access, coversCpu, interface: kind }) => coversCpu && (access === 'denied' || (which === 'all' && access === 'ok' && kind === 'powercap')),
    )
    .map(
      ({ name, paths }): Grant => ({
        what: `measured energy (${name})`,
        right: 'read',
        paths: paths.map(local),
        comesWith: /\/(intel-rapl:\d+)\//.exec(paths[0] ?? '')?.[1] === undefined ? undefined : { powercap: 'intel-rapl:*' },
      }),
    )
  return [...clocks, ...counters]
}

const rulesPath = '/etc/udev/rules.d/70-flyball.rules'
const tmpfilesPath = '/etc/tmpfiles.d/flyball.conf'

/** Undefined where there is nothing to be let at. */
export function permissionFix(board: Board, which: 'denied' | 'all'): PermissionFix | undefined {
  const grants = grantsOf(board, which).filter(({ paths }) => paths.length > 0)
  if (grants.length === 0) return undefined
  const energy = grants.some(({ right }) => right === 'read')
  return {
    group: permissionGroup,
    grants,
    before: [`sudo groupadd --system --force ${permissionGroup}`, `sudo usermod --append --groups ${permissionGroup} "$(id -un)"`],
    files: [
      { path: tmpfilesPath, why: 'at every boot, for what is there by then', content: tmpfilesOf(grants) },
      { path: rulesPath, why: 'whenever a core, a clock driver or a counter comes later', content: rulesOf(grants) },
    ],
    after: [`sudo systemd-tmpfiles --create ${tmpfilesPath}`, 'sudo udevadm control --reload', 'log out and in again: a group is joined at login'],
    undo: [`sudo rm ${tmpfilesPath} ${rulesPath}`, `sudo groupdel ${permissionGroup}`, 'and reboot: what the files changed lasts until then'],
    notes: [
      ...(grants.some(({ right }) => right === 'write') ? ['whoever is in the group sets the clocks of everybody on this machine'] : []),
      ...(energy
        ? ['who reads energy counters can spy on other programs of this machine (CVE-2020-8694): nobody but your governor should be in the group']
        : []),
    ],
  }
}

const modeOf = ({ right }: Grant): string => (right === 'write' ? '0664' : '0440')

/** Source: tmpfiles.d(5), type z. */
const tmpfilesOf = (grants: readonly Grant[]): string =>
  [
    '# What flyball sets and reads, for its group; printed by flyball doctor --fix.',
    ...grants.flatMap((grant) => grant.paths.map((path) => `z ${path} ${modeOf(grant)} root ${permissionGroup} - -`)),
    '',
  ].join('\n')

/** Sysfs attributes are no devices: a rule cannot name their group, it has to run something when the device comes. Source: udev(7). */
function rulesOf(grants: readonly Grant[]): string {
  const run = (grant: Grant): string => {
    const paths = grant.paths.join(' ')
    return `RUN+="/bin/chgrp ${permissionGroup} ${paths}", RUN+="/bin/chmod ${modeOf(grant)} ${paths}"`
  }
  const lines = grants.flatMap((grant) => {
    const { comesWith } = grant
    if (comesWith === undefined) return []
    if ('powercap' in comesWith) return [`ACTION=="add|change", SUBSYSTEM=="powercap", KERNEL=="${comesWith.powercap}", ${run(grant)}`]
    const cores = comesWith.cpus.map((cpu) => `cpu${cpu}`).join('|')
    return [
      `ACTION=="add|online|change", SUBSYSTEM=="cpu", KERNEL=="${cores}", ${run(grant)}`,
      // A driver that is a module brings the files after its cores were announced.
      `ACTION=="bind", SUBSYSTEM=="platform", DRIVER=="*cpufreq*", ${run(grant)}`,
    ]
  })
  return ['# What flyball sets and reads, for its group; printed by flyball doctor --fix.', ...lines, ''].join('\n')
}
