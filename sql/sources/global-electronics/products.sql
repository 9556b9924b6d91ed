SELECT
  ProductKey                     AS product_id,
  "Product Name"                 AS product_name,
  NULL                           AS sku,
  Category                       AS category,
  Subcategory                    AS subcategory,
  Brand                          AS brand,
  NULL                           AS supplier_id,
  parse_money("Unit Cost USD")   AS cost_price,
  parse_money("Unit Price USD")  AS selling_price,
  TRUE                           AS is_active,
  NULL                           AS created_at,
  _line
FROM raw.products
