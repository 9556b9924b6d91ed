import { StoreError } from '../object-store.js'

const advice: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full. Free some space, or move the store',
  EDQUOT: 'the disk quota is used up. Free some space, or move the store',
  EFBIG: 'the file is larger than the file system allows',
  EACCES: 'access is denied. Let the user that runs this read and write the folder',
  EPERM: 'the file system or its permissions do not allow it. The store needs hard links: choose a local file system',
  ENOTSUP: 'the file system has no hard links. Choose a local file system',
  EROFS: 'the file system is read-only',
  EMFILE: 'too many files are open. Raise the limit (ulimit -n)',
  EIO: 'the disk reports a read or write error',
}

/** An error of the file system as one of the store: what was tried, why it failed, what to do. Others pass through. */
export function diskError(store: string, what: string, error: unknown): unknown {
  if (error instanceof StoreError || !isSystemError(error)) return error
  if (error.code === 'ENAMETOOLONG') {
    const message = `${what}: a part of the key is too long for the file system (most allow 255 bytes). Shorten the file's name`
    return new StoreError('INVALID_KEY', store, message, { cause: error })
  }
  if (['ENOTDIR', 'EISDIR', 'EEXIST'].includes(error.code)) {
    const message = `${what}: on a disk a key cannot be an object and the beginning of another object's key at once`
    return new StoreError('INVALID_KEY', store, message, { cause: error })
  }
  const reason = advice[error.code] ?? error.message
  return new StoreError('STORE_ERROR', store, `${what}: ${reason}`, {
    cause: error,
    lacksPermission: error.code === 'EACCES',
  })
}

export function isSystemError(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException & { code: string } {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return false
  return typeof error.code === 'string' && (codes.length === 0 || codes.includes(error.code))
}
