-- severity: error
-- describes: Lines, units, revenue and margins over the lines of each product in fact_product_sales are those of product_sales_performance.
-- shows: source, product_id, lines_of_facts, lines_of_products, net_of_facts, net_of_products, margin_of_facts, margin_of_products
WITH of_facts AS (
  SELECT
    source,
    product_id,
    SUM(order_lines) AS lines,
    SUM(units_sold) AS units,
    SUM(gross_revenue) AS gross,
    SUM(net_revenue) AS net,
    SUM(estimated_gross_margin) AS gross_margin,
    SUM(net_margin) AS net_margin
  FROM {{ gold('fact_product_sales') }}
  GROUP BY source, product_id
)
SELECT
  COALESCE(p.source, f.source) AS source,
  COALESCE(p.product_id, f.product_id) AS product_id,
  f.lines AS lines_of_facts,
  p.order_lines AS lines_of_products,
  f.net AS net_of_facts,
  p.net_revenue AS net_of_products,
  f.net_margin AS margin_of_facts,
  p.net_margin AS margin_of_products
FROM {{ gold('product_sales_performance') }} AS p
FULL OUTER JOIN of_facts AS f ON f.source = p.source AND f.product_id = p.product_id
WHERE COALESCE(f.lines, 0) <> COALESCE(p.order_lines, 0)
  OR COALESCE(f.units, 0) <> COALESCE(p.units_sold, 0)
  OR COALESCE(f.gross, 0) <> COALESCE(p.gross_revenue, 0)
  OR COALESCE(f.net, 0) <> COALESCE(p.net_revenue, 0)
  OR COALESCE(f.gross_margin, 0) <> COALESCE(p.estimated_gross_margin, 0)
  OR COALESCE(f.net_margin, 0) <> COALESCE(p.net_margin, 0)
