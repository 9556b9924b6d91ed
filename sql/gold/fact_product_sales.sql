-- One row per line. Each line meets one sale, product, store and customer at most, all by their keys: nothing fans out.
WITH lines AS (
  SELECT
    i.source,
    i.sale_id,
    i.line_number,
    s.order_date,
    s.sale_status,
    s.channel,
    i.product_id,
    p.product_name,
    p.category,
    p.subcategory,
    p.brand,
    s.store_id,
    t.store_name,
    t.country AS store_country,
    s.customer_id,
    c.country AS customer_country,
    c.segment AS customer_segment,
    CASE WHEN s.sale_status = 'completed' THEN 1 ELSE 0 END AS completed,
    i.quantity,
    i.line_total,
    {{ mul('i.unit_price', 'i.quantity') }} AS price_of_line,
    {{ mul('COALESCE(i.unit_cost, p.cost_price)', 'i.quantity') }} AS cost_of_line,
    i.line_total - i.tax_amount AS revenue_without_tax
  FROM {{ silver('sale_items') }} AS i
  LEFT JOIN {{ silver('sales') }} AS s ON s.source = i.source AND s.sale_id = i.sale_id
  LEFT JOIN {{ silver('products') }} AS p ON p.source = i.source AND p.product_id = i.product_id
  LEFT JOIN {{ silver('stores') }} AS t ON t.source = s.source AND t.store_id = s.store_id
  LEFT JOIN {{ silver('customers') }} AS c ON c.source = s.source AND c.customer_id = s.customer_id
)
SELECT
  source,
  sale_id,
  line_number,
  order_date,
  {{ weekday('order_date') }} AS weekday,
  sale_status,
  channel,
  product_id,
  product_name,
  category,
  subcategory,
  brand,
  store_id,
  store_name,
  store_country,
  customer_id,
  customer_country,
  customer_segment,
  1 AS order_lines,
  CASE WHEN completed = 1 THEN quantity ELSE 0 END AS units_sold,
  line_total AS gross_revenue,
  CASE WHEN completed = 1 THEN line_total ELSE 0 END AS net_revenue,
  CASE WHEN completed = 1 THEN {{ round('cost_of_line', 2) }} ELSE 0 END AS cost_total,
  CASE WHEN completed = 1 THEN {{ round('price_of_line - cost_of_line', 2) }} ELSE 0 END AS estimated_gross_margin,
  CASE WHEN completed = 1 THEN {{ round('revenue_without_tax - cost_of_line', 2) }} ELSE 0 END AS net_margin
FROM lines
