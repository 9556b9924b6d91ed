SELECT
  sku                         AS product_id,
  title                       AS product_name,
  NULL                        AS sku,
  "group"                     AS category,
  NULL                        AS subcategory,
  NULL                        AS brand,
  NULL                        AS supplier_id,
  parse_decimal(cost, ',')    AS cost_price,
  parse_decimal(price, ',')   AS selling_price,
  TRUE                        AS is_active,
  NULL                        AS created_at,
  _line
FROM raw.articles
