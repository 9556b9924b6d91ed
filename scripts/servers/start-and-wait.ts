import { startServers } from './servers.js'

/** For a test, which kills it: starts a server in the folder it is given, says its process id, and waits. */
const servers = await startServers({ gcs: true }, { folder: process.argv[2] ?? '' })
console.log(servers.gcs.pid)
setInterval(() => undefined, 60_000)
