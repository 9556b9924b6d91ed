-- One row per source and snapshot: the month ends from the month of the first sale to before as_of, and as_of.
-- Facts are brought to days, days to the snapshot that first includes them, and snapshots to running totals.
WITH sales_by_day AS (
  SELECT
    source,
    order_date AS on_date,
    COUNT(*) AS orders,
    COUNT(CASE WHEN sale_status = 'completed' THEN 1 END) AS completed,
    SUM(CASE WHEN sale_status = 'completed' THEN total_amount ELSE 0 END) AS revenue
  FROM {{ silver('sales') }}
  GROUP BY source, order_date
),
returns_by_day AS (
  SELECT source, return_date AS on_date, COUNT(*) AS returned, SUM(refund_amount) AS refunded
  FROM {{ silver('returns') }}
  GROUP BY source, return_date
),
first_orders AS (
  SELECT source, customer_id, MIN(order_date) AS first_order
  FROM {{ silver('sales') }}
  WHERE customer_id IS NOT NULL
  GROUP BY source, customer_id
),
-- A customer of whom neither date is known has no day and counts nowhere.
customers_by_day AS (
  SELECT
    COALESCE(c.source, f.source) AS source,
    COALESCE(c.signup_date, f.first_order) AS on_date,
    COUNT(*) AS customers
  FROM {{ silver('customers') }} AS c
  FULL OUTER JOIN first_orders AS f ON f.source = c.source AND f.customer_id = c.customer_id
  WHERE COALESCE(c.signup_date, f.first_order) IS NOT NULL
  GROUP BY COALESCE(c.source, f.source), COALESCE(c.signup_date, f.first_order)
),
days AS (
  SELECT source, on_date, orders, completed, revenue, 0 AS returned, 0 AS refunded, 0 AS customers
  FROM sales_by_day
  UNION ALL
  SELECT source, on_date, 0, 0, 0, returned, refunded, 0
  FROM returns_by_day
  UNION ALL
  SELECT source, on_date, 0, 0, 0, 0, 0, customers
  FROM customers_by_day
),
spans AS (
  SELECT s.source, s.as_of, f.first_sale
  FROM {{ silver('sources') }} AS s
  LEFT JOIN (SELECT source, MIN(on_date) AS first_sale FROM sales_by_day GROUP BY source) AS f ON f.source = s.source
  WHERE s.as_of IS NOT NULL
),
snapshots AS (
  SELECT p.source, m.month_end AS snapshot_date
  FROM spans AS p
  CROSS JOIN {{ month_ends('(SELECT MIN(first_sale) FROM spans)', '(SELECT MAX(as_of) FROM spans)') }} AS m
  WHERE m.month_end >= p.first_sale AND m.month_end < p.as_of
  UNION ALL
  SELECT source, as_of FROM spans
),
dated AS (
  SELECT d.*, p.as_of, {{ month_end('d.on_date') }} AS end_of_month
  FROM days AS d
  JOIN spans AS p ON p.source = d.source
  WHERE d.on_date <= p.as_of
),
-- The snapshots themselves take part with zeros, so that a month without a sale keeps its row; a day before the first
-- snapshot is carried by its own month end, which is no snapshot and falls away after the running totals are made.
movements AS (
  SELECT
    source,
    {{ least('end_of_month', 'as_of') }} AS snapshot_date,
    0 AS is_snapshot,
    orders,
    completed,
    revenue,
    returned,
    refunded,
    customers
  FROM dated
  UNION ALL
  SELECT source, snapshot_date, 1, 0, 0, 0, 0, 0, 0
  FROM snapshots
),
totals AS (
  SELECT
    source,
    snapshot_date,
    MAX(is_snapshot) AS is_snapshot,
    SUM(orders) AS orders,
    SUM(completed) AS completed,
    SUM(revenue) AS revenue,
    SUM(returned) AS returned,
    SUM(refunded) AS refunded,
    SUM(customers) AS customers
  FROM movements
  GROUP BY source, snapshot_date
),
running AS (
  SELECT
    source,
    snapshot_date,
    is_snapshot,
    SUM(orders) OVER through_date AS total_orders,
    SUM(completed) OVER through_date AS completed_orders,
    SUM(revenue) OVER through_date AS total_revenue,
    SUM(returned) OVER through_date AS return_count,
    SUM(refunded) OVER through_date AS refund_amount,
    SUM(customers) OVER through_date AS total_customers
  FROM totals
  WINDOW through_date AS (
    PARTITION BY source ORDER BY snapshot_date ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  )
),
known AS (
  SELECT
    source,
    MAX(CASE WHEN entity = 'returns' THEN 1 ELSE 0 END) AS returns_known,
    MAX(CASE WHEN entity = 'products' THEN 1 ELSE 0 END) AS products_known,
    MAX(CASE WHEN entity = 'inventory' THEN 1 ELSE 0 END) AS inventory_known
  FROM {{ silver('source_entities') }}
  GROUP BY source
),
assortment AS (
  SELECT source, COUNT(*) AS active_products
  FROM {{ silver('products') }}
  WHERE is_active = TRUE
  GROUP BY source
),
stock AS (
  SELECT
    source,
    COUNT(CASE WHEN stock_quantity > 0 AND stock_quantity <= reorder_level THEN 1 END) AS low_stock_items,
    COUNT(CASE WHEN stock_quantity <= 0 THEN 1 END) AS out_of_stock_items
  FROM {{ silver('inventory') }}
  GROUP BY source
)
SELECT
  r.source,
  r.snapshot_date,
  r.total_revenue,
  r.total_orders,
  r.completed_orders,
  r.total_customers,
  CASE WHEN k.returns_known = 1 THEN r.refund_amount END AS refund_amount,
  CASE WHEN k.returns_known = 1 THEN r.return_count END AS return_count,
  CASE WHEN k.products_known = 1 AND r.snapshot_date = p.as_of THEN COALESCE(a.active_products, 0) END AS active_products,
  CASE WHEN k.inventory_known = 1 AND r.snapshot_date = p.as_of THEN COALESCE(t.low_stock_items, 0) END AS low_stock_items,
  CASE WHEN k.inventory_known = 1 AND r.snapshot_date = p.as_of THEN COALESCE(t.out_of_stock_items, 0) END AS out_of_stock_items,
  {{ ratio('r.total_revenue', 'r.completed_orders', 2) }} AS average_order_value
FROM running AS r
JOIN spans AS p ON p.source = r.source
LEFT JOIN known AS k ON k.source = r.source
LEFT JOIN assortment AS a ON a.source = r.source
LEFT JOIN stock AS t ON t.source = r.source
WHERE r.is_snapshot = 1
