#!/usr/bin/env node
/** `crossing <command>`: finds the command, nothing else. */
import { type Command, runCommand } from './platform/command.ts'
import { ownVersion } from './platform/version.ts'

type Load = () => Promise<{ readonly command: Command }>

const COMMANDS: Readonly<Record<string, { readonly summary: string; readonly load: Load }>> = {
  demo: { summary: 'the whole crossing on this machine', load: () => import('./demo/main.ts') },
  broker: { summary: 'the broker, with its users', load: () => import('./broker/main.ts') },
  light: { summary: 'one light', load: () => import('./clients/light/main.ts') },
  controller: { summary: 'the controller alone, or a hot standby', load: () => import('./clients/controller/main.ts') },
  mode: { summary: 'auto, hold or flash', load: () => import('./clients/operator/mode-command.ts') },
  reset: { summary: 'ends a trip of the conflict monitor', load: () => import('./clients/operator/reset-command.ts') },
  user: { summary: 'who may connect, and what for', load: () => import('./broker/auth/user-command.ts') },
  certs: { summary: 'what the broker needs to speak TLS', load: () => import('./broker/certs/certs-command.ts') },
  doctor: {
    summary: 'what stands between this machine and a light, or a broker',
    load: () => import('./doctor/main.ts'),
  },
  check: { summary: 'is this crossing file sound', load: () => import('./protocol/check-command.ts') },
  simulate: { summary: 'attack the protocol, on simulated time', load: () => import('./simulation/main.ts') },
}

const usage = `Usage: crossing <command> [options]

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`)
  .join('\n')}

  --help, --version, and for each command: crossing <command> --help
`

const [name = '--help', ...argv] = process.argv.slice(2)
const found = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
if (name === '--version' || (found !== undefined && argv[0] === '--version')) {
  process.stdout.write(`${ownVersion()}\n`)
} else if (name === '--help' || name === '-h' || name === 'help') process.stdout.write(usage)
else if (found === undefined) {
  process.stderr.write(`crossing: unknown command '${name}'\n\n${usage}`)
  process.exitCode = 2
} else {
  const { command } = await found.load()
  process.exitCode = await runCommand(name, command, argv)
}
