/** Of at most 18 hours, as java.time has it: DuckDB takes +99:00 for an offset too. */
const offset = '[+-]((0[0-9]|1[0-7])(:?[0-5][0-9])?|18(:?00)?)'

/** Texts that are a timestamp, with or without a time and an offset, as a pattern of DuckDB SQL. */
export const isoTimestamp = `'\\s*[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]+)?)?(Z|${offset})?)?\\s*'`
