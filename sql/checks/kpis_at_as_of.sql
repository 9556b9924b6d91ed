-- severity: error
-- describes: Each source has its row at as_of, and its running totals there are the totals of the days, and the count of the returns, through as_of.
-- shows: source, as_of, revenue_of_kpis, revenue_of_days, orders_of_kpis, orders_of_days, refunds_of_kpis, refunds_of_days, returns_of_kpis, returned
WITH of_days AS (
  SELECT
    d.source,
    SUM(d.net_revenue) AS revenue,
    SUM(d.total_orders) AS orders,
    SUM(d.completed_orders) AS completed,
    SUM(d.refund_total) AS refunds
  FROM {{ gold('daily_revenue') }} AS d
  JOIN {{ silver('sources') }} AS s ON s.source = d.source AND d.revenue_date <= s.as_of
  GROUP BY d.source
),
of_returns AS (
  SELECT r.source, COUNT(*) AS returned
  FROM {{ silver('returns') }} AS r
  JOIN {{ silver('sources') }} AS s ON s.source = r.source AND r.return_date <= s.as_of
  GROUP BY r.source
)
SELECT
  s.source,
  s.as_of,
  k.total_revenue AS revenue_of_kpis,
  d.revenue AS revenue_of_days,
  k.total_orders AS orders_of_kpis,
  d.orders AS orders_of_days,
  k.refund_amount AS refunds_of_kpis,
  d.refunds AS refunds_of_days,
  k.return_count AS returns_of_kpis,
  r.returned
FROM {{ silver('sources') }} AS s
LEFT JOIN {{ gold('executive_kpis') }} AS k ON k.source = s.source AND k.snapshot_date = s.as_of
LEFT JOIN of_days AS d ON d.source = s.source
LEFT JOIN of_returns AS r ON r.source = s.source
WHERE s.as_of IS NOT NULL
  AND (
    k.source IS NULL
    OR k.total_revenue <> COALESCE(d.revenue, 0)
    OR k.total_orders <> COALESCE(d.orders, 0)
    OR k.completed_orders <> COALESCE(d.completed, 0)
    OR k.refund_amount <> COALESCE(d.refunds, 0)
    OR k.return_count <> COALESCE(r.returned, 0)
  )
