SELECT
  customer.customer_id,
  customer.customer_name,
  customer.email,
  customer.phone,
  customer.gender,
  customer.birth_date,
  customer.city,
  customer.state,
  customer.country,
  customer.continent,
  customer.signup_date,
  customer.loyalty_tier,
  customer.segment,
  customer._line
FROM raw.customers AS customer
