-- severity: error
-- describes: Refunds over all days are those of the returns, and returns over all products, with those that name none, are all returns.
-- shows: source, refunds_of_days, refunds_of_returns, returns_of_products, returns_without_product, returned
WITH of_days AS (
  SELECT source, SUM(refund_total) AS refunds FROM {{ gold('daily_revenue') }} GROUP BY source
),
of_products AS (
  SELECT source, SUM(return_count) AS returned FROM {{ gold('product_sales_performance') }} GROUP BY source
),
of_returns AS (
  SELECT
    source,
    SUM(refund_amount) AS refunds,
    COUNT(*) AS returned,
    COUNT(CASE WHEN product_id IS NULL THEN 1 END) AS without_product
  FROM {{ silver('returns') }}
  GROUP BY source
)
SELECT
  known.source,
  d.refunds AS refunds_of_days,
  r.refunds AS refunds_of_returns,
  p.returned AS returns_of_products,
  r.without_product AS returns_without_product,
  r.returned
FROM {{ silver('source_entities') }} AS known
LEFT JOIN of_returns AS r ON r.source = known.source
LEFT JOIN of_days AS d ON d.source = known.source
LEFT JOIN of_products AS p ON p.source = known.source
WHERE known.entity = 'returns'
  AND (
    COALESCE(d.refunds, 0) <> COALESCE(r.refunds, 0)
    OR COALESCE(p.returned, 0) + COALESCE(r.without_product, 0) <> COALESCE(r.returned, 0)
  )
