-- severity: error
-- describes: Returns and refunds over all reasons are those of Silver.
-- shows: source, counted, returned, refunds_of_reasons, refunds
WITH of_reasons AS (
  SELECT source, SUM(return_count) AS counted, SUM(refund_total) AS refunds_of_reasons
  FROM {{ gold('returns_by_reason') }}
  GROUP BY source
),
of_returns AS (
  SELECT source, COUNT(*) AS returned, SUM(refund_amount) AS refunds
  FROM {{ silver('returns') }}
  GROUP BY source
)
SELECT r.source, g.counted, r.returned, g.refunds_of_reasons, r.refunds
FROM of_returns AS r
LEFT JOIN of_reasons AS g ON g.source = r.source
WHERE COALESCE(g.counted, 0) <> r.returned OR COALESCE(g.refunds_of_reasons, 0) <> r.refunds
