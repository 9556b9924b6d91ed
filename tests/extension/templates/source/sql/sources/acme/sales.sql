-- One order from its lines: time and state stand on each of them, the same on all.
WITH orders AS (
  SELECT
    line."order"    AS sale_id,
    min(placed)     AS placed,
    min(state)      AS state,
    sum(TRY_CAST(pieces AS BIGINT) * TRY_CAST(parse_decimal(price, ',') AS DECIMAL(18, 4))) AS total_amount,
    count(*)        AS _lines,
    min(line._line) AS _line
  FROM raw.order_lines AS line
  GROUP BY line."order"
)
SELECT
  sale_id,
  NULL AS customer_id,
  NULL AS store_id,
  NULL AS campaign_id,
  CASE state WHEN 'paid' THEN 'completed' WHEN 'open' THEN 'pending' ELSE state END AS sale_status,
  'online' AS channel,
  NULL AS payment_method,
  parse_timestamp(placed, '%d.%m.%Y %H:%M', source_timezone()) AS ordered_at,
  parse_date(placed, '%d.%m.%Y %H:%M') AS order_date,
  NULL AS delivered_on,
  source_currency() AS currency,
  1 AS exchange_rate,
  0 AS discount_amount,
  0 AS tax_amount,
  0 AS shipping_amount,
  total_amount,
  _lines,
  _line
FROM orders
