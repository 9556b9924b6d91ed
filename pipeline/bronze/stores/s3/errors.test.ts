import { inspect } from 'node:util'
import { S3ServiceException } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { S3Errors } from './errors.js'
import { s3Options } from './options.js'

const errors = new S3Errors('raw', s3Options.parse({ bucket: 'retail', region: 'eu-central-1' }))

/** As the SDK makes them of AWS's documented answers. Those that the test server gives too are met in `*.servers.test.ts`. */
const answers: [name: string, status: number, message: string, code: string, said: RegExp][] = [
  [
    'AccessDenied',
    403,
    'User: u is not authorized to perform: s3:PutObject',
    'ACCESS_DENIED',
    /s3:PutObject.*docs\/aws\.md/,
  ],
  ['ExpiredToken', 400, 'The provided token has expired.', 'ACCESS_DENIED', /have expired.*aws sso login/],
  ['RequestTimeTooSkewed', 403, 'The difference is too large.', 'STORE_ERROR', /clock of this machine.*NTP/],
  [
    'PermanentRedirect',
    301,
    'Use the specified endpoint.',
    'STORE_ERROR',
    /another region, us-west-2\. State it as region/,
  ],
  ['BucketAlreadyExists', 409, 'Not available.', 'STORE_ERROR', /belongs to somebody else/],
  ['InvalidObjectState', 403, 'Not valid for the storage class.', 'STORE_ERROR', /archived/],
  ['SlowDown', 503, 'Please reduce your request rate.', 'STORE_UNAVAILABLE', /503.*reduce your request rate/],
  ['KMS.DisabledException', 400, 'The key is disabled.', 'STORE_ERROR', /kmsKeyId/],
  ['XMinioStorageFull', 507, 'Full.', 'STORE_ERROR', /no space left/],
  ['BadDigest', 400, 'The SHA256 you specified did not match.', 'CHECKSUM_MISMATCH', /other bytes than were sent/],
  ['MalformedXML', 400, 'The XML is not well-formed', 'STORE_ERROR', /MalformedXML: The XML is not well-formed/],
]

describe('an error of S3 says what to do', () => {
  it.each(answers)('%s', (name, status, message, code, said) => {
    const answer = new S3ServiceException({ name, message, $fault: 'client', $metadata: { httpStatusCode: status } })
    Object.assign(answer, { Region: 'us-west-2' })
    const error = errors.explain('Cannot write a', answer)
    expect(error).toMatchObject({ code, store: 'raw', message: expect.stringMatching(said) })
    expect(error.message.startsWith('Cannot write a: ')).toBe(true)
  })

  it.each([
    ['AccessDenied', 403, true],
    ['SignatureDoesNotMatch', 403, false],
    ['NoSuchBucket', 404, false],
  ])('and whether a grant would help: %s', (name, httpStatusCode, lacksPermission) => {
    const answer = new S3ServiceException({ name, message: 'no', $fault: 'client', $metadata: { httpStatusCode } })
    expect(errors.explain('x', answer)).toMatchObject({ lacksPermission })
  })

  it('keeps to itself what an answer repeats of the request', () => {
    const answer = new S3ServiceException({
      name: 'SignatureDoesNotMatch',
      message: 'The request signature we calculated does not match.',
      $fault: 'client',
      $metadata: { httpStatusCode: 403 },
    })
    Object.assign(answer, { AWSAccessKeyId: 'AKIASECRET', StringToSign: 'AWS4-HMAC AKIASECRET' })
    const error = errors.explain('Cannot write a', answer)
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('AKIASECRET')
    expect(error.cause).toMatchObject({ name: 'SignatureDoesNotMatch' })
  })

  it('tells a certificate that is not trusted from a server that is away', () => {
    const untrusted = Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    expect(errors.explain('x', untrusted)).toMatchObject({
      code: 'STORE_ERROR',
      message: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    })
    const away = Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })
    expect(errors.explain('x', new AggregateError([away]))).toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})

describe('options of S3', () => {
  const refused: [Record<string, unknown>, RegExp][] = [
    [{}, /bucket/],
    [{ bucket: 'b', endpoint: 'ftp://host' }, /must be a URL/],
    [{ bucket: 'b', endpoint: 'https://key:secret@host' }, /must not hold credentials/],
    [{ bucket: 'b', endpoint: 'http://:secret@host' }, /must not hold credentials/],
    [{ bucket: 'b', endpoint: '127.0.0.1:9000' }, /must be a URL such as/],
    [{ bucket: 'b', endpoint: 'http://' }, /must be a URL such as/],
    [{ bucket: 'b', storageClass: 'DEEP_ARCHIVE' }, /storageClass/],
    [{ bucket: 'b', kmsKeyId: 'k' }, /needs encryption: aws:kms/],
    [{ bucket: 'b', prefix: 'a//b' }, /cannot be a key/],
    [{ bucket: 'b', secretAccessKey: 's' }, /secretAccessKey/],
  ]

  it.each(refused)('refuses %j', (options, message) => {
    expect(() => s3Options.parse(options)).toThrow(message)
  })

  it('takes a prefix however its slashes are written', () => {
    expect(s3Options.parse({ bucket: 'b', prefix: '/bronze/raw/' }).prefix).toBe('bronze/raw')
    expect(s3Options.parse({ bucket: 'b' }).prefix).toBe('')
  })
})
