-- One order from its lines: whatever is said of the order stands on each of them, the same on all.
-- There is no price on a line: it is the product's, in USD.
WITH prices AS (
  SELECT ProductKey, TRY_CAST(parse_money("Unit Price USD") AS DECIMAL(18, 4)) AS unit_price
  FROM raw.products
),
orders AS (
  SELECT
    line."Order Number"                                  AS sale_id,
    min(line.CustomerKey)                                AS customer_id,
    min(line.StoreKey)                                   AS store_id,
    min(line."Order Date")                               AS ordered,
    min(line."Delivery Date")                            AS delivered,
    min(line."Currency Code")                            AS currency,
    -- An order with a line whose amount is not known has no known total.
    CASE WHEN bool_and(TRY_CAST(line.Quantity AS BIGINT) IS NOT NULL AND prices.unit_price IS NOT NULL)
      THEN sum(TRY_CAST(line.Quantity AS BIGINT) * prices.unit_price) END AS total_amount,
    count(*)                                             AS _lines,
    min(line._line)                                      AS _line
  FROM raw.order_lines AS line
  LEFT JOIN prices ON prices.ProductKey = line.ProductKey
  GROUP BY line."Order Number"
)
SELECT
  orders.sale_id,
  orders.customer_id,
  orders.store_id,
  NULL                                                                     AS campaign_id,
  'completed'                                                              AS sale_status,
  CASE WHEN orders.store_id = '0' THEN 'online' ELSE 'in_store' END        AS channel,
  NULL                                                                     AS payment_method,
  local_midnight(parse_date(orders.ordered, '%m/%d/%Y'), source_timezone()) AS ordered_at,
  parse_date(orders.ordered, '%m/%d/%Y')                                   AS order_date,
  parse_date(orders.delivered, '%m/%d/%Y')                                 AS delivered_on,
  orders.currency,
  rate.Exchange                                                            AS exchange_rate,
  0                                                                        AS discount_amount,
  0                                                                        AS tax_amount,
  0                                                                        AS shipping_amount,
  orders.total_amount,
  orders._lines,
  orders._line
FROM orders
LEFT JOIN raw.exchange_rates AS rate ON rate.Date = orders.ordered AND rate.Currency = orders.currency
