SELECT
  line."Order Number"                     AS sale_id,
  line."Line Item"                        AS line_number,
  line.ProductKey                         AS product_id,
  line.Quantity                           AS quantity,
  parse_money(product."Unit Price USD")   AS unit_price,
  parse_money(product."Unit Cost USD")    AS unit_cost,
  0                                       AS discount_amount,
  0                                       AS tax_amount,
  line._line
FROM raw.order_lines AS line
LEFT JOIN raw.products AS product ON product.ProductKey = line.ProductKey
