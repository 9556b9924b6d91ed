-- One row per source and reason.
WITH by_reason AS (
  SELECT
    source,
    COALESCE(return_reason, 'not stated') AS return_reason,
    COUNT(*) AS return_count,
    SUM(refund_amount) AS refund_total
  FROM {{ silver('returns') }}
  GROUP BY source, COALESCE(return_reason, 'not stated')
)
SELECT
  source,
  return_reason,
  return_count,
  refund_total,
  {{ ratio('refund_total', 'return_count', 2) }} AS average_refund
FROM by_reason
