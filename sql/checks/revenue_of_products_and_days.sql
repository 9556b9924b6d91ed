-- severity: warn
-- describes: Net revenue over all products is net revenue over all days less the shipping of completed sales. It cannot be where the source's total_amount is not line totals + shipping.
-- shows: source, net_of_products, net_of_days, shipping
WITH of_products AS (
  SELECT source, SUM(net_revenue) AS net FROM {{ gold('product_sales_performance') }} GROUP BY source
),
of_days AS (
  SELECT source, SUM(net_revenue) AS net FROM {{ gold('daily_revenue') }} GROUP BY source
),
of_sales AS (
  SELECT source, SUM(shipping_amount) AS shipping
  FROM {{ silver('sales') }}
  WHERE sale_status = 'completed'
  GROUP BY source
)
SELECT d.source, p.net AS net_of_products, d.net AS net_of_days, s.shipping
FROM of_days AS d
JOIN {{ silver('source_entities') }} AS known ON known.source = d.source AND known.entity = 'sale_items'
LEFT JOIN of_products AS p ON p.source = d.source
LEFT JOIN of_sales AS s ON s.source = d.source
WHERE COALESCE(p.net, 0) <> d.net - COALESCE(s.shipping, 0)
