SELECT
  item.number                                             AS return_id,
  item."order"                                            AS sale_id,
  item.sku                                                AS product_id,
  NULL                                                    AS customer_id,
  local_midnight(parse_date(item.day, '%d.%m.%Y'), source_timezone()) AS returned_at,
  parse_date(item.day, '%d.%m.%Y')                        AS return_date,
  NULL                                                    AS quantity,
  blank_to_null(item.why)                                 AS return_reason,
  parse_decimal(item.paid_back, ',')                      AS refund_amount,
  item._line
FROM raw.sent_back AS item
