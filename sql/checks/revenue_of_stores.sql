-- severity: error
-- describes: Orders and net revenue over all stores, and of the sales without a store, are those over all days.
-- shows: source, net_of_stores, net_without_store, net_of_days, orders_of_stores, orders_without_store, orders_of_days
WITH of_stores AS (
  SELECT source, SUM(net_revenue) AS net, SUM(total_orders) AS orders
  FROM {{ gold('store_performance') }}
  GROUP BY source
),
without_store AS (
  SELECT source, SUM(CASE WHEN sale_status = 'completed' THEN total_amount ELSE 0 END) AS net, COUNT(*) AS orders
  FROM {{ silver('sales') }}
  WHERE store_id IS NULL
  GROUP BY source
),
of_days AS (
  SELECT source, SUM(net_revenue) AS net, SUM(total_orders) AS orders
  FROM {{ gold('daily_revenue') }}
  GROUP BY source
)
SELECT
  COALESCE(d.source, g.source) AS source,
  g.net AS net_of_stores,
  r.net AS net_without_store,
  d.net AS net_of_days,
  g.orders AS orders_of_stores,
  r.orders AS orders_without_store,
  d.orders AS orders_of_days
FROM of_days AS d
FULL OUTER JOIN of_stores AS g ON g.source = d.source
LEFT JOIN without_store AS r ON r.source = d.source
WHERE COALESCE(g.net, 0) + COALESCE(r.net, 0) <> COALESCE(d.net, 0)
  OR COALESCE(g.orders, 0) + COALESCE(r.orders, 0) <> COALESCE(d.orders, 0)
