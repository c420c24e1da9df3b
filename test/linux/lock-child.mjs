// Takes the board's lock, and holds it until it is killed; with a number of seconds, a process that it starts holds it for so long as well.
// usage: node lock-child.mjs DIST ROOT [SECONDS]
import { spawn } from 'node:child_process'

const [, , dist, root, timeS] = process.argv
const { openBoardLock } = await import(`${dist}/src/linux/board-lock.js`)
const lock = openBoardLock(root)
const holder = lock.take(() => {})
const heir = timeS === undefined ? undefined : spawn('sleep', [timeS], { detached: true, stdio: ['ignore', 'ignore', 'ignore', ...lock.descriptors] })
process.stdout.write(`${JSON.stringify({ holder, heir: heir?.pid })}\n`)
setInterval(() => {}, 1000)
