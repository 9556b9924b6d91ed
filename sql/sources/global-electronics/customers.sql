SELECT
  CustomerKey                       AS customer_id,
  Name                              AS customer_name,
  NULL                              AS email,
  NULL                              AS phone,
  Gender                            AS gender,
  parse_date(Birthday, '%m/%d/%Y')  AS birth_date,
  City                              AS city,
  State                             AS state,
  Country                           AS country,
  Continent                         AS continent,
  NULL                              AS signup_date,
  NULL                              AS loyalty_tier,
  NULL                              AS segment,
  _line
FROM raw.customers
