import { existsSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { GovernedCluster } from '../../envs/board/clusters.ts'
import { discoverBoard } from '../board/discover.ts'
import { policyFile } from '../checkpoint/writer.ts'
import { FlyballError } from '../core/errors.ts'
import { runFolder } from './folder.ts'
import { readSettings } from './settings.ts'

export interface ServiceRequest {
  /** Folder of the run, as named. */
  readonly run: string
  /** Program and first arguments that are flyball: absolute paths. */
  readonly flyball: readonly string[]
  /** What follows: `deploy`, the run, and its options. */
  readonly args: readonly string[]
  /** Folder that relative paths among them start from. */
  readonly workingDir: string
}

export interface ServiceUnit {
  readonly unit: string
  /** Commands that install it. */
  readonly install: readonly string[]
  /** Files and folders that it may write. */
  readonly writes: readonly string[]
  readonly user: string
}

/**
 * A hardened systemd unit that keeps a run in charge: its rights end at the knobs in use, the run's folder and the undo journal. Sources: systemd.service(5),
 * systemd.exec(5), systemd.resource-control(5). Throws ERR_RUN_MISSING.
 */
export function serviceUnit({ run, flyball, args, workingDir }: ServiceRequest): ServiceUnit {
  const folder = runFolder(run)
  const { env } = readSettings(folder)
  if (!existsSync(join(folder.checkpoint, policyFile)))
    throw new FlyballError('ERR_RUN_MISSING', `${folder.checkpoint} holds no checkpoint, expected the folder of a run that has learned`)
  const clusters = env.clusters as readonly GovernedCluster[]
  const clamped = clusters.filter(({ frequency }) => frequency === 'clamp').map(({ boardCluster }) => boardCluster)
  const board = clamped.length === 0 ? undefined : discoverBoard({ root: env.root })
  const policies = (board?.clusters ?? [])
    .filter(({ id }) => clamped.includes(id))
    .flatMap(({ policyPaths }) => (policyPaths ?? []).map((path) => realpathSync(path)))
  const groups = clusters.some(({ frequency }) => frequency === 'bandwidth')
  const knobs = policies.flatMap((path) => ['scaling_min_freq', 'scaling_max_freq'].map((name) => join(path, name)))
  const rights = rightsFor(folder.dir, knobs)
  const writes = [folder.dir, ...knobs]
  const paths = [folder.dir, workingDir, ...flyball]
  const command = (words: readonly string[]): string => [...flyball, ...words].map(word).join(' ')
  const lines = [
    '# Installed by:',
    ...installCommands(args).map((line) => `#   ${line}`),
    '[Unit]',
    'Description=flyball governs neural-network inference on this board',
    'StartLimitIntervalSec=300',
    'StartLimitBurst=5',
    '',
    '[Service]',
    'Type=notify',
    'NotifyAccess=main',
    `ExecStart=${command(args)}`,
    '# Whatever ended it, knobs that it could not put back itself go back here.',
    `ExecStopPost=${command(['restore'])}`,
    `WorkingDirectory=${workingDir.replaceAll('%', '%%')}`,
    'Restart=on-failure',
    'RestartSec=5',
    '# Longer than --watchdog, which knows more: this one is for a machine that is stuck as a whole.',
    'WatchdogSec=60',
    '# A slow or busy board needs its time until it governs, and to put knobs back: a last command that is cut off leaves them.',
    'TimeoutStartSec=300',
    'TimeoutStopSec=120',
    'KillMode=mixed',
    ...rights.lines,
    '',
    '# The undo journal outlives the service, and no boot.',
    'RuntimeDirectory=flyball',
    'RuntimeDirectoryMode=0755',
    'RuntimeDirectoryPreserve=yes',
    'Environment=FLYBALL_STATE_DIR=/run/flyball',
    'UMask=0077',
    '',
    '# It writes here and nowhere else.',
    'ProtectSystem=strict',
    'ProtectHome=read-only',
    'ProtectKernelTunables=yes',
    // A policy may be away at boot.
    `ReadWritePaths=${[word(folder.dir), ...knobs.map((path) => word(`-${path}`))].join(' ')}`,
    ...(paths.some((path) => /^\/(var\/)?tmp\//.test(path)) ? [] : ['PrivateTmp=yes']),
    ...(groups ? ['# A CPU bandwidth group holds the inference threads.', 'Delegate=cpu'] : ['ProtectControlGroups=yes']),
    '',
    '# No network, no devices, no new rights. Node compiles code at run time: MemoryDenyWriteExecute cannot be had.',
    'PrivateNetwork=yes',
    'RestrictAddressFamilies=AF_UNIX',
    'IPAddressDeny=any',
    'PrivateDevices=yes',
    'NoNewPrivileges=yes',
    'ProtectClock=yes',
    'ProtectHostname=yes',
    'ProtectKernelLogs=yes',
    'ProtectKernelModules=yes',
    'LockPersonality=yes',
    'RestrictNamespaces=yes',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'SystemCallArchitectures=native',
    '# V8 asks for memory keys as it starts. What a later Node asks for beyond these fails, and ends nothing.',
    'SystemCallFilter=@system-service @pkey',
    'SystemCallErrorNumber=EPERM',
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  ]
  return { unit: `${lines.join('\n')}\n`, install: installCommands(args), writes, user: rights.user }
}

function installCommands(args: readonly string[]): string[] {
  const shown = args.map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`)).join(' ')
  return [
    `flyball ${shown} --service | sudo tee /etc/systemd/system/flyball.service`,
    'sudo systemctl daemon-reload',
    'sudo systemctl enable --now flyball',
  ]
}

/** A word of a command or a list of paths, as systemd takes it apart: quoted, no variables, no specifiers. */
function word(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$')
  return /^[\w@%+=:,./-]+$/.test(text) ? escaped : `"${escaped}"`
}

/**
 * The user that the run's folder belongs to, with the group that may write the knobs where there is one (as by the rule that flyball doctor shows), else root, with no
 * capability but to write what is not its own.
 */
function rightsFor(dir: string, paths: readonly string[]): { readonly user: string; readonly lines: readonly string[] } {
  const owner = statSync(dir).uid
  const knobs = paths.map((path) => statSync(path))
  const theirs = knobs.every(({ uid, mode }) => uid === owner && (mode & 0o200) !== 0)
  const group = knobs[0]?.gid
  const shared = knobs.every(({ gid, mode }) => gid === group && (mode & 0o020) !== 0)
  const none = 'CapabilityBoundingSet='
  if (owner !== 0 && (theirs || shared))
    return { user: String(owner), lines: [`User=${owner}`, ...(theirs || group === undefined ? [] : [`SupplementaryGroups=${group}`]), none] }
  return { user: 'root', lines: ['User=root', owner === 0 ? none : `${none}CAP_DAC_OVERRIDE`] }
}
