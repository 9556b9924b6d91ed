import pTimeout from 'p-timeout'
import type { CheckReport, PartCheck, PartSetup, SetupReport } from '../checks.js'
import { variablesOf, withVariables } from '../config/variables.js'
import type { Installation } from './installation.js'
import { sentenceOf } from './message-of.js'
import { type Part, partsOf } from './part.js'

/** Everything side by side; a part that does not answer in time is a problem like any other, so that the check ends. */
export async function checkInstallation(installation: Installation, patienceSeconds: number): Promise<CheckReport> {
  const { profile, file, home } = installation.config
  const checked = await Promise.all(
    [...partsOf(installation), operationsOf(installation)].map((part) => check(part, patienceSeconds)),
  )
  const parts = checked.map((part) => {
    if (part.problems.length === 0) return part
    const variables = variablesOf(file, profile, part)
    return { ...part, problems: part.problems.map((problem) => withVariables(problem, variables)) }
  })
  return { profile, file, home, ok: parts.every(({ problems }) => problems.length === 0), parts }
}

type Checked = Omit<Part, 'setup'>

const operationsOf = ({ config }: Installation): Checked => ({
  ...{ part: 'operations', name: 'operations', kind: 'GraphQL' },
  // GraphQL is loaded by those who need it.
  diagnose: async () => (await import('./check-operations.js')).diagnoseOperations(config),
})

/** One after the other, since what is made first may be used by the next. A part that fails does not keep the others from being made. */
export async function setupInstallation(installation: Installation, patienceSeconds: number): Promise<SetupReport> {
  const { profile, file, home } = installation.config
  const parts: PartSetup[] = []
  for (const part of partsOf(installation)) {
    const { problem, ...done } = await setup(part, patienceSeconds)
    parts.push(
      problem === undefined ? done : { ...done, problem: withVariables(problem, variablesOf(file, profile, part)) },
    )
  }
  return { profile, file, home, ok: parts.every(({ problem }) => problem === undefined), parts }
}

async function check({ part, name, kind, diagnose }: Checked, patienceSeconds: number): Promise<PartCheck> {
  try {
    return { ...{ part, name, kind }, ...(await inTime(diagnose(), patienceSeconds)) }
  } catch (error) {
    return { ...{ part, name, kind }, found: 'not opened', problems: [sentenceOf(error)] }
  }
}

async function setup(part: Part, patienceSeconds: number): Promise<PartSetup> {
  const { name, kind } = part
  try {
    return { part: part.part, ...{ name, kind }, made: await inTime(part.setup(), patienceSeconds) }
  } catch (error) {
    return { part: part.part, ...{ name, kind }, made: [], problem: sentenceOf(error) }
  }
}

const inTime = <T>(work: Promise<T>, seconds: number): Promise<T> =>
  pTimeout(work, {
    milliseconds: seconds * 1000,
    message: `No answer within ${seconds} s. Check the address, and firewalls on the way; --timeout waits longer.`,
  })
