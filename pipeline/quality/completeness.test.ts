import { describe, expect, it } from 'vitest'
import { completeness } from './completeness.js'

const sales = { source: 'demo', entity: 'sales', raw: 10, loaded: 6, collapsed: 1, quarantined: 2, filtered: 1 }

describe('completeness', () => {
  it('passes when every raw row is accounted for', () => {
    expect(completeness([sales])).toEqual({
      name: 'completeness',
      severity: 'error',
      status: 'passed',
      violations: 0n,
      sample: '',
    })
  })

  it('names the entity and the figures where a row got lost or was counted twice', () => {
    const result = completeness([sales, { ...sales, entity: 'returns', loaded: 5 }, { ...sales, entity: 'x', raw: 9 }])
    expect(result.status).toBe('failed')
    expect(result.violations).toBe(2n)
    expect(result.sample).toContain('source=demo entity=returns raw=10 loaded=5 collapsed=1 quarantined=2 filtered=1')
  })
})
