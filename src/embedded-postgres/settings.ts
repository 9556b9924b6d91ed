/** Durable against a crash of the machine (fsync stays on), tuned for bulk loads on a small one. */
export const SETTINGS = `
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
wal_level = minimal            # a table filled in the transaction that made it is not logged twice
max_wal_senders = 0
max_wal_size = 4GB
checkpoint_timeout = 30min
shared_buffers = 256MB
work_mem = 64MB
maintenance_work_mem = 256MB
jit = off
max_connections = 200
log_min_messages = warning
`
