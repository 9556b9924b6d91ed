SELECT
  item."order"                   AS sale_id,
  item.line                      AS line_number,
  item.sku                       AS product_id,
  item.pieces                    AS quantity,
  parse_decimal(item.price, ',') AS unit_price,
  NULL                           AS unit_cost,
  0                              AS discount_amount,
  0                              AS tax_amount,
  item._line
FROM raw.order_lines AS item
