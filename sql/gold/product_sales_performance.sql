-- One row per source and product: those of the product list and those that only lines or returns mention.
-- Lines are brought to the grain before they meet products or returns, so that nothing fans out.
WITH lines AS (
  SELECT
    i.source,
    i.product_id,
    i.quantity,
    i.line_total,
    CASE WHEN s.sale_status = 'completed' THEN 1 ELSE 0 END AS completed,
    {{ mul('i.unit_price', 'i.quantity') }} AS price_of_line,
    {{ mul('COALESCE(i.unit_cost, p.cost_price)', 'i.quantity') }} AS cost_of_line,
    i.line_total - i.tax_amount AS revenue_without_tax
  FROM {{ silver('sale_items') }} AS i
  LEFT JOIN {{ silver('sales') }} AS s ON s.source = i.source AND s.sale_id = i.sale_id
  LEFT JOIN {{ silver('products') }} AS p ON p.source = i.source AND p.product_id = i.product_id
),
sold AS (
  SELECT
    source,
    product_id,
    SUM(CASE WHEN completed = 1 THEN quantity ELSE 0 END) AS units_sold,
    COUNT(*) AS order_lines,
    COUNT(CASE WHEN completed = 1 THEN 1 END) AS completed_lines,
    SUM(line_total) AS gross_revenue,
    SUM(CASE WHEN completed = 1 THEN line_total ELSE 0 END) AS net_revenue,
    SUM(CASE WHEN completed = 1 THEN {{ round('price_of_line - cost_of_line', 2) }} END) AS gross_margin,
    SUM(CASE WHEN completed = 1 THEN {{ round('revenue_without_tax - cost_of_line', 2) }} END) AS net_margin
  FROM lines
  GROUP BY source, product_id
),
-- Distinct sales are lines less the lines that repeat a product within their sale: COUNT(DISTINCT …) would sort all lines
-- and keep Postgres from aggregating them in parallel.
repeats AS (
  SELECT source, product_id, SUM(lines_of_sale - 1) AS repeated_lines
  FROM (
    SELECT source, sale_id, product_id, COUNT(*) AS lines_of_sale
    FROM {{ silver('sale_items') }}
    GROUP BY source, sale_id, product_id
    HAVING COUNT(*) > 1
  ) AS repeated
  GROUP BY source, product_id
),
sent_back AS (
  SELECT source, product_id, COUNT(*) AS return_count
  FROM {{ silver('returns') }}
  WHERE product_id IS NOT NULL
  GROUP BY source, product_id
),
facts AS (
  SELECT
    COALESCE(l.source, r.source) AS source,
    COALESCE(l.product_id, r.product_id) AS product_id,
    l.units_sold,
    l.order_lines,
    l.completed_lines,
    l.order_lines - COALESCE(n.repeated_lines, 0) AS total_orders,
    l.gross_revenue,
    l.net_revenue,
    l.gross_margin,
    l.net_margin,
    r.return_count
  FROM sold AS l
  LEFT JOIN repeats AS n ON n.source = l.source AND n.product_id = l.product_id
  FULL OUTER JOIN sent_back AS r ON r.source = l.source AND r.product_id = l.product_id
),
performance AS (
  SELECT
    COALESCE(p.source, f.source) AS source,
    COALESCE(p.product_id, f.product_id) AS product_id,
    p.product_name,
    p.category,
    p.subcategory,
    p.brand,
    COALESCE(f.units_sold, 0) AS units_sold,
    COALESCE(f.order_lines, 0) AS order_lines,
    COALESCE(f.gross_revenue, 0) AS gross_revenue,
    COALESCE(f.net_revenue, 0) AS net_revenue,
    -- Without a completed line there is nothing unknown about the margin: it is 0.
    CASE WHEN COALESCE(f.completed_lines, 0) = 0 THEN 0 ELSE f.gross_margin END AS estimated_gross_margin,
    CASE WHEN COALESCE(f.completed_lines, 0) = 0 THEN 0 ELSE f.net_margin END AS net_margin,
    COALESCE(f.return_count, 0) AS returns_named,
    COALESCE(f.total_orders, 0) AS total_orders
  FROM {{ silver('products') }} AS p
  FULL OUTER JOIN facts AS f ON f.source = p.source AND f.product_id = p.product_id
),
known AS (
  SELECT w.*, CASE WHEN e.entity IS NOT NULL THEN w.returns_named END AS return_count
  FROM performance AS w
  LEFT JOIN {{ silver('source_entities') }} AS e ON e.source = w.source AND e.entity = 'returns'
)
SELECT
  source,
  product_id,
  product_name,
  category,
  subcategory,
  brand,
  units_sold,
  order_lines,
  gross_revenue,
  net_revenue,
  estimated_gross_margin,
  net_margin,
  return_count,
  total_orders,
  {{ ratio('return_count', 'order_lines', 4) }} AS return_rate
FROM known
