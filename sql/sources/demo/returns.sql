SELECT
  item.return_id,
  item.sale_id,
  item.product_id,
  item.customer_id,
  item.returned_at,
  item.return_date,
  item.quantity,
  item.return_reason,
  item.refund_amount,
  item._line
FROM raw.returns AS item
