-- severity: warn
-- describes: A sale's total_amount is its line totals + shipping, and its discount and tax are the sums of its lines'. The source's own figures are kept all the same.
-- shows: source, sale_id, total_amount, lines_and_shipping, discount_amount, discount_of_lines, tax_amount, tax_of_lines
WITH of_lines AS (
  SELECT
    source,
    sale_id,
    SUM(line_total) AS line_total,
    SUM(discount_amount) AS discount_amount,
    SUM(tax_amount) AS tax_amount
  FROM {{ silver('sale_items') }}
  GROUP BY source, sale_id
)
SELECT
  s.source,
  s.sale_id,
  s.total_amount,
  COALESCE(l.line_total, 0) + s.shipping_amount AS lines_and_shipping,
  s.discount_amount,
  COALESCE(l.discount_amount, 0) AS discount_of_lines,
  s.tax_amount,
  COALESCE(l.tax_amount, 0) AS tax_of_lines
FROM {{ silver('sales') }} AS s
JOIN {{ silver('source_entities') }} AS known ON known.source = s.source AND known.entity = 'sale_items'
LEFT JOIN of_lines AS l ON l.source = s.source AND l.sale_id = s.sale_id
WHERE s.total_amount <> COALESCE(l.line_total, 0) + s.shipping_amount
  OR s.discount_amount <> COALESCE(l.discount_amount, 0)
  OR s.tax_amount <> COALESCE(l.tax_amount, 0)
