/** What a check of `crossing doctor` finds, and how findings are printed. Pure. */

export type Finding =
  | { readonly state: 'ok'; readonly detail: string }
  /** `fix` is the command that mends it, or in words what does. */
  | { readonly state: 'wrong'; readonly detail: string; readonly fix: string }
  /** It does not matter here, or cannot be told before something else is mended. */
  | { readonly state: 'skipped'; readonly detail: string }

export const ok = (detail: string): Finding => ({ state: 'ok', detail })
export const wrong = (detail: string, fix: string): Finding => ({ state: 'wrong', detail, fix })
export const skipped = (detail: string): Finding => ({ state: 'skipped', detail })

export interface Check {
  readonly name: string
  run(): Promise<Finding> | Finding
}

export type NamedFinding = Finding & { readonly name: string }

/**
 * Runs checks in order. A check that throws is wrong, since nothing is known then. `onFound` is told of each at once,
 * for who waits.
 */
export async function runChecks(
  checks: readonly Check[],
  onFound: (finding: NamedFinding) => void,
): Promise<readonly NamedFinding[]> {
  const findings: NamedFinding[] = []
  for (const { name, run } of checks) {
    const found = { name, ...(await safely(run)) }
    findings.push(found)
    onFound(found)
  }
  return findings
}

async function safely(run: Check['run']): Promise<Finding> {
  try {
    return await run()
  } catch (error) {
    return wrong(
      `could not be checked: ${error instanceof Error ? error.message : error}`,
      'mend that, and run this again',
    )
  }
}

/** Each of them only while all before it were not wrong: there is no log-in without a connection. */
export function chained(checks: readonly Check[]): readonly Check[] {
  let culprit: string | null = null
  return checks.map(({ name, run }) => ({
    name,
    async run() {
      if (culprit !== null) return skipped(`not before this is mended: ${culprit}`)
      const found = await safely(run)
      if (found.state === 'wrong') culprit = name
      return found
    },
  }))
}

/** Columns of the state and the name. */
const STATE_COLUMNS = 9
const NAME_COLUMNS = 20

/** A finding as it is printed; below what is wrong stands what mends it. */
export function linesOf(finding: NamedFinding): readonly string[] {
  const { state, name, detail } = finding
  const line = `${state.padEnd(STATE_COLUMNS)}${name.padEnd(NAME_COLUMNS)}${detail}`
  return finding.state === 'wrong'
    ? [line, `${' '.repeat(STATE_COLUMNS)}${'fix:'.padEnd(NAME_COLUMNS)}${finding.fix}`]
    : [line]
}

export const isWell = (findings: readonly NamedFinding[]): boolean => findings.every(({ state }) => state !== 'wrong')

/** All findings as one JSON object. */
export const jsonOf = (findings: readonly NamedFinding[]): string =>
  JSON.stringify({
    ok: isWell(findings),
    checks: findings.map(({ name, ...finding }) => ({ name, ok: finding.state !== 'wrong', ...finding })),
  })
