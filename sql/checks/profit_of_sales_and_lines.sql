-- severity: error
-- describes: Units, cost and profit over all sales of fact_sales are those over all lines of fact_product_sales.
-- shows: source, units_of_sales, units_of_lines, cost_of_sales, cost_of_lines, profit_of_sales, profit_of_lines
WITH of_sales AS (
  SELECT source, SUM(units_sold) AS units, SUM(cost_total) AS cost, SUM(net_margin) AS profit
  FROM {{ gold('fact_sales') }}
  GROUP BY source
),
of_lines AS (
  SELECT source, SUM(units_sold) AS units, SUM(cost_total) AS cost, SUM(net_margin) AS profit
  FROM {{ gold('fact_product_sales') }}
  GROUP BY source
)
SELECT
  COALESCE(s.source, l.source) AS source,
  s.units AS units_of_sales,
  l.units AS units_of_lines,
  s.cost AS cost_of_sales,
  l.cost AS cost_of_lines,
  s.profit AS profit_of_sales,
  l.profit AS profit_of_lines
FROM of_sales AS s
FULL OUTER JOIN of_lines AS l ON l.source = s.source
WHERE COALESCE(s.units, 0) <> COALESCE(l.units, 0)
  OR COALESCE(s.cost, 0) <> COALESCE(l.cost, 0)
  OR COALESCE(s.profit, 0) <> COALESCE(l.profit, 0)
