-- severity: error
-- describes: Orders and amounts over the sales of each day in fact_sales are those of daily_revenue.
-- shows: source, order_date, orders_of_sales, orders_of_days, net_of_sales, net_of_days, gross_of_sales, gross_of_days
WITH of_sales AS (
  SELECT
    source,
    order_date,
    SUM(total_orders) AS orders,
    SUM(completed_orders) AS completed,
    SUM(gross_revenue) AS gross,
    SUM(net_revenue) AS net,
    SUM(discount_total) AS discount,
    SUM(tax_total) AS tax
  FROM {{ gold('fact_sales') }}
  GROUP BY source, order_date
)
SELECT
  COALESCE(d.source, s.source) AS source,
  COALESCE(d.revenue_date, s.order_date) AS order_date,
  s.orders AS orders_of_sales,
  d.total_orders AS orders_of_days,
  s.net AS net_of_sales,
  d.net_revenue AS net_of_days,
  s.gross AS gross_of_sales,
  d.gross_revenue AS gross_of_days
FROM {{ gold('daily_revenue') }} AS d
FULL OUTER JOIN of_sales AS s ON s.source = d.source AND s.order_date = d.revenue_date
WHERE COALESCE(s.orders, 0) <> COALESCE(d.total_orders, 0)
  OR COALESCE(s.completed, 0) <> COALESCE(d.completed_orders, 0)
  OR COALESCE(s.gross, 0) <> COALESCE(d.gross_revenue, 0)
  OR COALESCE(s.net, 0) <> COALESCE(d.net_revenue, 0)
  OR COALESCE(s.discount, 0) <> COALESCE(d.discount_total, 0)
  OR COALESCE(s.tax, 0) <> COALESCE(d.tax_total, 0)
