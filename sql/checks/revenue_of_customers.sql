-- severity: error
-- describes: Orders and net revenue over all customers, and of the sales without a customer, are those over all days.
-- shows: source, net_of_customers, net_without_customer, net_of_days, orders_of_customers, orders_without_customer, orders_of_days
WITH of_customers AS (
  SELECT source, SUM(total_spent) AS net, SUM(total_orders) AS orders
  FROM {{ gold('customer_lifetime_value') }}
  GROUP BY source
),
without_customer AS (
  SELECT source, SUM(CASE WHEN sale_status = 'completed' THEN total_amount ELSE 0 END) AS net, COUNT(*) AS orders
  FROM {{ silver('sales') }}
  WHERE customer_id IS NULL
  GROUP BY source
),
of_days AS (
  SELECT source, SUM(net_revenue) AS net, SUM(total_orders) AS orders
  FROM {{ gold('daily_revenue') }}
  GROUP BY source
)
SELECT
  COALESCE(d.source, g.source) AS source,
  g.net AS net_of_customers,
  r.net AS net_without_customer,
  d.net AS net_of_days,
  g.orders AS orders_of_customers,
  r.orders AS orders_without_customer,
  d.orders AS orders_of_days
FROM of_days AS d
FULL OUTER JOIN of_customers AS g ON g.source = d.source
LEFT JOIN without_customer AS r ON r.source = d.source
WHERE COALESCE(g.net, 0) + COALESCE(r.net, 0) <> COALESCE(d.net, 0)
  OR COALESCE(g.orders, 0) + COALESCE(r.orders, 0) <> COALESCE(d.orders, 0)
