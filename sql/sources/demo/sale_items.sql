SELECT
  line.sale_id,
  line.line_number,
  line.product_id,
  line.quantity,
  line.unit_price,
  line.unit_cost,
  line.discount_amount,
  line.tax_amount,
  line._line
FROM raw.sale_items AS line
