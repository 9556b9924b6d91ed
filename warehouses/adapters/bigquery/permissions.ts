import type { BigqueryOptions } from './options.js'

interface Grant {
  readonly role: string
  readonly on: 'project' | 'dataset' | 'bucket'
}

const ofProject: Readonly<Record<string, string>> = {
  'bigquery.jobs.create': 'roles/bigquery.jobUser',
  'bigquery.datasets.create': 'roles/bigquery.user',
}

/** The smallest predefined role that holds a permission, with those that a writer needs beside it. */
function grantOf(permission: string): Grant {
  const role = ofProject[permission]
  if (role !== undefined) return { role, on: 'project' }
  if (permission.startsWith('storage.')) return { role: 'roles/storage.objectUser', on: 'bucket' }
  return { role: 'roles/bigquery.dataEditor', on: 'dataset' }
}

/** The permission that a refusal is about: BigQuery names it in its sentence, except for a query. */
export function permissionIn(message: string): string | undefined {
  if (/does not have permission to query table/i.test(message)) return 'bigquery.tables.getData'
  return /\b(?:bigquery|storage)\.[a-z]+\.[a-z]+\b/i.exec(message)?.[0]
}

/** What to do about a refusal, in one sentence that fits any project. */
export function grantAdvice(permission: string | undefined): string {
  const reader = '(an account that only reads: roles/bigquery.dataViewer)'
  if (permission === undefined)
    return `Grant roles/bigquery.jobUser on the project and roles/bigquery.dataEditor on the dataset ${reader}, see docs/bigquery.md.`
  const { role, on } = grantOf(permission)
  return `Grant ${role} on the ${on}${on === 'dataset' ? ` ${reader}` : ''}, see docs/bigquery.md.`
}

/** One sentence with the command that grants what is missing; all of it is granted in one place. */
export function missingPermissions(permissions: readonly string[], { project, dataset }: BigqueryOptions): string {
  const { role, on } = grantOf(permissions[0] ?? '')
  const commands = {
    project: `gcloud projects add-iam-policy-binding ${project} --member=… --role=${role}`,
    dataset: `bq query --project_id=${project} --use_legacy_sql=false 'GRANT \`${role}\` ON SCHEMA \`${project}\`.\`${dataset}\` TO "…"'`,
    bucket: `gcloud storage buckets add-iam-policy-binding gs://… --member=… --role=${role}`,
  }
  const places = { project: `project ${project}`, dataset: `dataset ${project}.${dataset}`, bucket: 'the bucket' }
  return `No permission ${permissions.join(', ')} on ${places[on]}: ${commands[on]}`
}
