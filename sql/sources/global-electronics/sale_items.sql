-- There is no price on a line: it is the product's, in USD.
WITH prices AS (
  SELECT ProductKey, parse_money("Unit Price USD") AS unit_price, parse_money("Unit Cost USD") AS unit_cost
  FROM raw.products
)
SELECT
  line."Order Number" AS sale_id,
  line."Line Item"    AS line_number,
  line.ProductKey     AS product_id,
  line.Quantity       AS quantity,
  prices.unit_price,
  prices.unit_cost,
  0                   AS discount_amount,
  0                   AS tax_amount,
  line._line
FROM raw.order_lines AS line
LEFT JOIN prices ON prices.ProductKey = line.ProductKey
