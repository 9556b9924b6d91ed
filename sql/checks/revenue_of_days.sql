-- severity: error
-- describes: Orders and amounts over all days are those of the sales.
-- shows: source, orders_of_days, orders_of_sales, net_of_days, net_of_sales, gross_of_days, gross_of_sales
WITH of_days AS (
  SELECT
    source,
    SUM(total_orders) AS orders,
    SUM(completed_orders) AS completed,
    SUM(net_revenue) AS net,
    SUM(gross_revenue) AS gross,
    SUM(discount_total) AS discount,
    SUM(tax_total) AS tax
  FROM {{ gold('daily_revenue') }}
  GROUP BY source
),
of_sales AS (
  SELECT
    source,
    COUNT(*) AS orders,
    COUNT(CASE WHEN sale_status = 'completed' THEN 1 END) AS completed,
    SUM(CASE WHEN sale_status = 'completed' THEN total_amount ELSE 0 END) AS net,
    SUM(total_amount) AS gross,
    SUM(discount_amount) AS discount,
    SUM(tax_amount) AS tax
  FROM {{ silver('sales') }}
  GROUP BY source
)
SELECT
  COALESCE(d.source, s.source) AS source,
  d.orders AS orders_of_days,
  s.orders AS orders_of_sales,
  d.net AS net_of_days,
  s.net AS net_of_sales,
  d.gross AS gross_of_days,
  s.gross AS gross_of_sales
FROM of_days AS d
FULL OUTER JOIN of_sales AS s ON s.source = d.source
WHERE COALESCE(d.orders, 0) <> COALESCE(s.orders, 0)
  OR COALESCE(d.completed, 0) <> COALESCE(s.completed, 0)
  OR COALESCE(d.net, 0) <> COALESCE(s.net, 0)
  OR COALESCE(d.gross, 0) <> COALESCE(s.gross, 0)
  OR COALESCE(d.discount, 0) <> COALESCE(s.discount, 0)
  OR COALESCE(d.tax, 0) <> COALESCE(s.tax, 0)
