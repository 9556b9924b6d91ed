-- severity: error
-- describes: Net and gross revenue over all products are the line totals of completed sales and of all lines.
-- shows: source, net_of_products, net_of_lines, gross_of_products, gross_of_lines, lines_of_products, lines
WITH of_products AS (
  SELECT source, SUM(order_lines) AS lines, SUM(net_revenue) AS net, SUM(gross_revenue) AS gross
  FROM {{ gold('product_sales_performance') }}
  GROUP BY source
),
of_lines AS (
  SELECT
    i.source,
    COUNT(*) AS lines,
    SUM(i.line_total) AS gross,
    SUM(CASE WHEN s.sale_id IS NOT NULL THEN i.line_total ELSE 0 END) AS net
  FROM {{ silver('sale_items') }} AS i
  LEFT JOIN {{ silver('sales') }} AS s
    ON s.source = i.source AND s.sale_id = i.sale_id AND s.sale_status = 'completed'
  GROUP BY i.source
)
SELECT
  COALESCE(p.source, l.source) AS source,
  p.net AS net_of_products,
  l.net AS net_of_lines,
  p.gross AS gross_of_products,
  l.gross AS gross_of_lines,
  p.lines AS lines_of_products,
  l.lines AS lines
FROM of_products AS p
FULL OUTER JOIN of_lines AS l ON l.source = p.source
WHERE COALESCE(p.net, 0) <> COALESCE(l.net, 0)
  OR COALESCE(p.gross, 0) <> COALESCE(l.gross, 0)
  OR COALESCE(p.lines, 0) <> COALESCE(l.lines, 0)
