-- One row per source and store: those of the store list and those that only sales mention.
WITH sold AS (
  SELECT
    source,
    store_id,
    COUNT(*) AS total_orders,
    COUNT(CASE WHEN sale_status = 'completed' THEN 1 END) AS completed_orders,
    SUM(total_amount) AS gross_revenue,
    SUM(CASE WHEN sale_status = 'completed' THEN total_amount ELSE 0 END) AS net_revenue
  FROM {{ silver('sales') }}
  WHERE store_id IS NOT NULL
  GROUP BY source, store_id
)
SELECT
  COALESCE(t.source, s.source) AS source,
  COALESCE(t.store_id, s.store_id) AS store_id,
  t.store_name,
  t.store_type,
  t.region,
  t.city,
  t.country,
  COALESCE(s.total_orders, 0) AS total_orders,
  COALESCE(s.completed_orders, 0) AS completed_orders,
  COALESCE(s.gross_revenue, 0) AS gross_revenue,
  COALESCE(s.net_revenue, 0) AS net_revenue,
  {{ ratio('s.net_revenue', 's.completed_orders', 2) }} AS average_order_value
FROM {{ silver('stores') }} AS t
FULL OUTER JOIN sold AS s ON s.source = t.source AND s.store_id = t.store_id
