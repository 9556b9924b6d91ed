import { generateSmallDemo } from '../setup/demo.js'

/** As little as gives rows to every model: the server takes some 10 ms for each statement, however few rows it is about. */
export const generateTinyDemo = (folder: string, seed: number): Promise<string> =>
  generateSmallDemo(folder, { seed, products: 12, customers: 15, stores: 3, campaigns: 2, sales: 40, inventory: 20 })

/** A warehouse as goldgate.yaml has it. */
export const bigqueryAt = (apiEndpoint: string, dataset: string) => ({
  ...{ kind: 'bigquery', project: 'goldgate-test', dataset, apiEndpoint, anonymous: true },
})
