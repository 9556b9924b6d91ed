-- One row per source and day with a sale or a return.
WITH sales_by_day AS (
  SELECT
    source,
    order_date AS revenue_date,
    COUNT(*) AS total_orders,
    COUNT(CASE WHEN sale_status = 'completed' THEN 1 END) AS completed_orders,
    COUNT(CASE WHEN sale_status = 'cancelled' THEN 1 END) AS cancelled_orders,
    COUNT(CASE WHEN sale_status = 'refunded' THEN 1 END) AS refunded_orders,
    SUM(total_amount) AS gross_revenue,
    SUM(CASE WHEN sale_status = 'completed' THEN total_amount ELSE 0 END) AS net_revenue,
    SUM(discount_amount) AS discount_total,
    SUM(tax_amount) AS tax_total
  FROM {{ silver('sales') }}
  GROUP BY source, order_date
),
returns_by_day AS (
  SELECT source, return_date AS revenue_date, SUM(refund_amount) AS refund_total
  FROM {{ silver('returns') }}
  GROUP BY source, return_date
),
days AS (
  SELECT
    COALESCE(s.source, r.source) AS source,
    COALESCE(s.revenue_date, r.revenue_date) AS revenue_date,
    COALESCE(s.total_orders, 0) AS total_orders,
    COALESCE(s.completed_orders, 0) AS completed_orders,
    COALESCE(s.cancelled_orders, 0) AS cancelled_orders,
    COALESCE(s.refunded_orders, 0) AS refunded_orders,
    COALESCE(s.gross_revenue, 0) AS gross_revenue,
    COALESCE(s.net_revenue, 0) AS net_revenue,
    COALESCE(s.discount_total, 0) AS discount_total,
    COALESCE(s.tax_total, 0) AS tax_total,
    COALESCE(r.refund_total, 0) AS refunds
  FROM sales_by_day AS s
  FULL OUTER JOIN returns_by_day AS r ON r.source = s.source AND r.revenue_date = s.revenue_date
)
SELECT
  d.source,
  d.revenue_date,
  d.total_orders,
  d.completed_orders,
  d.cancelled_orders,
  d.refunded_orders,
  d.gross_revenue,
  d.net_revenue,
  d.discount_total,
  d.tax_total,
  CASE WHEN known.entity IS NOT NULL THEN d.refunds END AS refund_total,
  CASE WHEN known.entity IS NOT NULL THEN d.net_revenue - d.refunds END AS revenue_after_refunds,
  {{ ratio('d.net_revenue', 'd.completed_orders', 2) }} AS average_order_value
FROM days AS d
LEFT JOIN {{ silver('source_entities') }} AS known ON known.source = d.source AND known.entity = 'returns'
