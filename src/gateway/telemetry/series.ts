import { Counter, Histogram, type MetricType, type Registry } from 'prom-client'

type Label = string | number

/** What a metric is made of. */
export interface SeriesSettings<Names extends readonly string[] = readonly string[]> {
  readonly name: string
  readonly help: string
  readonly labelNames: Names
  readonly registers: Registry[]
}

/** One label for each name, in their order. */
type LabelsOf<Names extends readonly string[]> = { readonly [Name in keyof Names]: Label }

/** Something for each combination of labels, in a tree of these: the library makes a sorted text of all labels for each event, which costs more than the event. */
class ByLabels<T> {
  private readonly root = new Map<Label, unknown>()
  private readonly all: { readonly labels: Readonly<Record<string, Label>>; readonly value: T }[] = []

  constructor(
    private readonly names: readonly string[],
    private readonly make: () => T,
  ) {}

  /** Labels in the order of their names. */
  at(labels: readonly Label[]): T {
    let level = this.root
    const last = this.names.length - 1
    for (let i = 0; i < last; i += 1) {
      const label = labels[i] ?? ''
      let next = level.get(label) as Map<Label, unknown> | undefined
      if (!next) {
        next = new Map()
        level.set(label, next)
      }
      level = next
    }
    const label = labels[last] ?? ''
    const known = level.get(label) as T | undefined
    return known ?? this.add(level, label, labels)
  }

  entries(): readonly { readonly labels: Readonly<Record<string, Label>>; readonly value: T }[] {
    return this.all
  }

  private add(level: Map<Label, unknown>, label: Label, labels: readonly Label[]): T {
    const value = this.make()
    level.set(label, value)
    this.all.push({ labels: Object.fromEntries(this.names.map((name, i) => [name, labels[i] ?? ''])), value })
    return value
  }
}

/** A counter that the library only reads. */
export class CounterSeries<const Names extends readonly string[]> {
  private readonly counts: ByLabels<{ n: number }>

  constructor(settings: SeriesSettings<Names>) {
    const counts = new ByLabels(settings.labelNames, () => ({ n: 0 }))
    this.counts = counts
    new Counter({
      ...settings,
      collect() {
        this.reset()
        for (const { labels, value } of counts.entries()) this.inc(labels, value.n)
      },
    })
  }

  add(n: number, ...labels: LabelsOf<Names>): void {
    this.counts.at(labels).n += n
  }
}

interface Observed {
  /** For each bound, those that are at most so large but larger than the bound before; behind the last bound all others. */
  readonly within: Float64Array
  sum: number
}

/** A histogram that the library only reads. */
export class HistogramSeries<const Names extends readonly string[]> {
  private readonly observed: ByLabels<Observed>

  constructor(
    settings: SeriesSettings<Names>,
    private readonly bounds: readonly number[],
  ) {
    this.observed = new ByLabels(settings.labelNames, () => ({ within: new Float64Array(bounds.length + 1), sum: 0 }))
    new ReadHistogram(settings, bounds, this.observed)
  }

  add(value: number, ...labels: LabelsOf<Names>): void {
    const { bounds } = this
    const at = this.observed.at(labels)
    let i = 0
    while (i < bounds.length && value > (bounds[i] ?? 0)) i += 1
    at.within[i] = (at.within[i] ?? 0) + 1
    at.sum += value
  }
}

/** The library's types say a number, and it writes this. */
const histogram = 'histogram' as unknown as MetricType

/** The library gives no other way to set what was observed. */
class ReadHistogram extends Histogram {
  constructor(
    private readonly settings: SeriesSettings,
    private readonly bounds: readonly number[],
    private readonly observed: ByLabels<Observed>,
  ) {
    super({ ...settings, buckets: [...bounds] })
  }

  override async get() {
    const { name, help } = this.settings
    const values = this.observed.entries().flatMap(({ labels, value: { within, sum } }) => {
      let count = 0
      const buckets = [...within].map((n, i) => {
        count += n
        return { labels: { le: this.bounds[i] ?? '+Inf', ...labels }, value: count, metricName: `${name}_bucket` }
      })
      return [
        ...buckets,
        { labels, value: sum, metricName: `${name}_sum` },
        { labels, value: count, metricName: `${name}_count` },
      ]
    })
    return { name, help, values, type: histogram, aggregator: 'sum' as const, collect: () => undefined }
  }

  /** What the library asks first. */
  getForPromString() {
    return this.get()
  }
}
