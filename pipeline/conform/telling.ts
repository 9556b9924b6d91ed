import type { ConformProgress } from './contract.js'

/** Puts together what is told of a request: what is read, and what is typed meanwhile. */
export class Telling {
  private read = { subject: '', rows: 0, bytes: 0 }
  private isReading = true
  private typing: string | undefined

  constructor(private readonly onProgress: (progress: ConformProgress) => void) {}

  reads(subject: string, rows: number, bytes: number): void {
    this.read = { subject, rows, bytes }
    this.tell()
  }

  endsReading(): void {
    this.isReading = false
    this.tell()
  }

  types(entity: string | undefined): void {
    this.typing = entity
    this.tell()
  }

  private tell(): void {
    const { read, typing } = this
    if (this.isReading) this.onProgress({ phase: 'read', ...read, ...(typing !== undefined && { typing }) })
    else if (typing !== undefined) this.onProgress({ ...read, phase: 'type', subject: typing })
  }
}
