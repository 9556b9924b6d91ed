/** The control database's, where the embedded server holds it. */
export const CONTROL_DATABASE = 'goldgate'

/** PostgreSQL's own. The first is also where Goldgate looks after the server, and a new database is a copy of the last. */
export const SYSTEM_DATABASES: readonly string[] = ['postgres', 'template0', 'template1']
