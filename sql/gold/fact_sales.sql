-- One row per sale. Its lines are brought to the sale before they meet it; customer, store and campaign are met by their keys.
WITH costs AS (
  SELECT
    i.source,
    i.sale_id,
    i.quantity,
    i.line_total - i.tax_amount AS revenue_without_tax,
    {{ mul('COALESCE(i.unit_cost, p.cost_price)', 'i.quantity') }} AS cost_of_line
  FROM {{ silver('sale_items') }} AS i
  LEFT JOIN {{ silver('products') }} AS p ON p.source = i.source AND p.product_id = i.product_id
),
baskets AS (
  SELECT
    source,
    sale_id,
    SUM(quantity) AS units,
    SUM({{ round('cost_of_line', 2) }}) AS cost,
    SUM({{ round('revenue_without_tax - cost_of_line', 2) }}) AS margin
  FROM costs
  GROUP BY source, sale_id
),
-- Dates as numbers (20240229): their difference is 10,000 for each year that was completed. Made once for each date that there
-- is: Postgres would put the expression wherever the number is compared.
order_days AS (
  SELECT
    order_date,
    {{ cast('EXTRACT(YEAR FROM order_date) * 10000 + EXTRACT(MONTH FROM order_date) * 100 + EXTRACT(DAY FROM order_date)', 'integer') }} AS day_number
  FROM {{ silver('sales') }}
  GROUP BY order_date
),
birthdays AS (
  SELECT
    birth_date,
    {{ cast('EXTRACT(YEAR FROM birth_date) * 10000 + EXTRACT(MONTH FROM birth_date) * 100 + EXTRACT(DAY FROM birth_date)', 'integer') }} AS day_number
  FROM {{ silver('customers') }}
  WHERE birth_date IS NOT NULL
  GROUP BY birth_date
),
facts AS (
  SELECT
    s.source,
    s.sale_id,
    s.order_date,
    s.delivered_on,
    s.sale_status,
    s.channel,
    s.payment_method,
    s.currency,
    s.customer_id,
    o.day_number - h.day_number AS age,
    c.gender AS customer_gender,
    c.city AS customer_city,
    c.state AS customer_state,
    c.country AS customer_country,
    c.continent AS customer_continent,
    c.loyalty_tier AS customer_loyalty_tier,
    c.segment AS customer_segment,
    s.store_id,
    t.store_name,
    t.store_type,
    t.region AS store_region,
    t.country AS store_country,
    s.campaign_id,
    k.campaign_name,
    s.total_amount,
    s.discount_amount,
    s.tax_amount,
    s.shipping_amount,
    s.exchange_rate,
    {{ days_between('s.order_date', 's.delivered_on') }} AS delivery_days,
    CASE WHEN s.sale_status = 'completed' THEN 1 ELSE 0 END AS completed,
    CASE WHEN s.sale_status = 'completed' THEN s.total_amount ELSE 0 END AS net_revenue,
    -- A completed sale without a line sold and cost nothing; without any line in the source that is not known.
    CASE
      WHEN known.entity IS NULL THEN NULL
      WHEN s.sale_status <> 'completed' OR b.sale_id IS NULL THEN 0
      ELSE b.units
    END AS units_sold,
    CASE
      WHEN known.entity IS NULL THEN NULL
      WHEN s.sale_status <> 'completed' OR b.sale_id IS NULL THEN 0
      ELSE b.cost
    END AS cost_total,
    CASE
      WHEN known.entity IS NULL THEN NULL
      WHEN s.sale_status <> 'completed' OR b.sale_id IS NULL THEN 0
      ELSE b.margin
    END AS net_margin
  FROM {{ silver('sales') }} AS s
  JOIN order_days AS o ON o.order_date = s.order_date
  LEFT JOIN baskets AS b ON b.source = s.source AND b.sale_id = s.sale_id
  LEFT JOIN {{ silver('customers') }} AS c ON c.source = s.source AND c.customer_id = s.customer_id
  LEFT JOIN birthdays AS h ON h.birth_date = c.birth_date
  LEFT JOIN {{ silver('stores') }} AS t ON t.source = s.source AND t.store_id = s.store_id
  LEFT JOIN {{ silver('campaigns') }} AS k ON k.source = s.source AND k.campaign_id = s.campaign_id
  LEFT JOIN {{ silver('source_entities') }} AS known ON known.source = s.source AND known.entity = 'sale_items'
),
amounts AS (
  SELECT
    f.*,
    {{ mul('f.net_revenue', 'f.exchange_rate') }} AS revenue_local,
    {{ mul('f.cost_total', 'f.exchange_rate') }} AS cost_local,
    {{ mul('f.net_margin', 'f.exchange_rate') }} AS margin_local
  FROM facts AS f
)
SELECT
  source,
  sale_id,
  order_date,
  {{ weekday('order_date') }} AS weekday,
  delivered_on,
  sale_status,
  channel,
  payment_method,
  currency,
  customer_id,
  CASE
    WHEN age < 0 THEN NULL
    WHEN age < 180000 THEN 'under_18'
    WHEN age < 250000 THEN 'from_18_to_24'
    WHEN age < 350000 THEN 'from_25_to_34'
    WHEN age < 450000 THEN 'from_35_to_44'
    WHEN age < 550000 THEN 'from_45_to_54'
    WHEN age < 650000 THEN 'from_55_to_64'
    WHEN age >= 650000 THEN 'from_65'
  END AS age_band,
  customer_gender,
  customer_city,
  customer_state,
  customer_country,
  customer_continent,
  customer_loyalty_tier,
  customer_segment,
  store_id,
  store_name,
  store_type,
  store_region,
  store_country,
  campaign_id,
  campaign_name,
  1 AS total_orders,
  completed AS completed_orders,
  units_sold,
  total_amount AS gross_revenue,
  net_revenue,
  discount_amount AS discount_total,
  tax_amount AS tax_total,
  shipping_amount AS shipping_total,
  cost_total,
  net_margin,
  CASE WHEN completed = 1 THEN net_revenue END AS average_order_value,
  CASE WHEN delivered_on IS NOT NULL THEN 1 ELSE 0 END AS delivered_orders,
  delivery_days,
  delivery_days AS average_delivery_days,
  exchange_rate,
  CASE WHEN exchange_rate = 1 THEN net_revenue ELSE {{ round('revenue_local', 2) }} END AS net_revenue_local,
  CASE WHEN exchange_rate = 1 THEN cost_total ELSE {{ round('cost_local', 2) }} END AS cost_total_local,
  CASE WHEN exchange_rate = 1 THEN net_margin ELSE {{ round('margin_local', 2) }} END AS net_margin_local
FROM amounts
