-- One order from its lines. There is no price on a line: it is the product's, in USD.
WITH lines AS (
  SELECT
    line.*,
    parse_date(line."Order Date", '%m/%d/%Y') AS ordered_on,
    TRY_CAST(line.Quantity AS BIGINT) * TRY_CAST(parse_money(product."Unit Price USD") AS DECIMAL(18, 4)) AS line_total,
    rate.Exchange AS exchange_rate
  FROM raw.order_lines AS line
  LEFT JOIN raw.products AS product ON product.ProductKey = line.ProductKey
  LEFT JOIN raw.exchange_rates AS rate ON rate.Date = line."Order Date" AND rate.Currency = line."Currency Code"
)
SELECT
  "Order Number"                                          AS sale_id,
  min(CustomerKey)                                        AS customer_id,
  min(StoreKey)                                           AS store_id,
  NULL                                                    AS campaign_id,
  'completed'                                             AS sale_status,
  CASE WHEN min(StoreKey) = '0' THEN 'online' ELSE 'in_store' END AS channel,
  NULL                                                    AS payment_method,
  local_midnight(min(ordered_on), source_timezone())      AS ordered_at,
  min(ordered_on)                                         AS order_date,
  min(parse_date("Delivery Date", '%m/%d/%Y'))            AS delivered_on,
  min("Currency Code")                                    AS currency,
  min(exchange_rate)                                      AS exchange_rate,
  0                                                       AS discount_amount,
  0                                                       AS tax_amount,
  0                                                       AS shipping_amount,
  -- An order with a line whose amount is not known has no known total.
  CASE WHEN count(*) = count(line_total) THEN sum(line_total) END AS total_amount,
  count(*)                                                AS _lines,
  min(_line)                                              AS _line
FROM lines
GROUP BY "Order Number"
