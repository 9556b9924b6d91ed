-- One row per source and customer: those of the customer list and those that only sales mention.
WITH bought AS (
  SELECT
    source,
    customer_id,
    COUNT(*) AS total_orders,
    COUNT(CASE WHEN sale_status = 'completed' THEN 1 END) AS completed_orders,
    SUM(CASE WHEN sale_status = 'completed' THEN total_amount ELSE 0 END) AS total_spent,
    MIN(ordered_at) AS first_order_at,
    MAX(ordered_at) AS most_recent_order_at
  FROM {{ silver('sales') }}
  WHERE customer_id IS NOT NULL
  GROUP BY source, customer_id
)
SELECT
  COALESCE(c.source, b.source) AS source,
  COALESCE(c.customer_id, b.customer_id) AS customer_id,
  c.customer_name,
  c.email,
  c.city,
  c.country,
  c.loyalty_tier,
  c.segment,
  COALESCE(b.total_orders, 0) AS total_orders,
  COALESCE(b.completed_orders, 0) AS completed_orders,
  COALESCE(b.total_spent, 0) AS total_spent,
  {{ ratio('b.total_spent', 'b.completed_orders', 2) }} AS average_order_value,
  b.first_order_at,
  b.most_recent_order_at
FROM {{ silver('customers') }} AS c
FULL OUTER JOIN bought AS b ON b.source = c.source AND b.customer_id = c.customer_id
