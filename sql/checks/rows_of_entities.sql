-- severity: error
-- describes: Every product, customer, store and campaign has its row in the model about it.
-- shows: source, model, missing_key
SELECT e.source, 'product_sales_performance' AS model, e.product_id AS missing_key
FROM {{ silver('products') }} AS e
LEFT JOIN {{ gold('product_sales_performance') }} AS g ON g.source = e.source AND g.product_id = e.product_id
WHERE g.product_id IS NULL
UNION ALL
SELECT e.source, 'customer_lifetime_value', e.customer_id
FROM {{ silver('customers') }} AS e
LEFT JOIN {{ gold('customer_lifetime_value') }} AS g ON g.source = e.source AND g.customer_id = e.customer_id
WHERE g.customer_id IS NULL
UNION ALL
SELECT e.source, 'store_performance', e.store_id
FROM {{ silver('stores') }} AS e
LEFT JOIN {{ gold('store_performance') }} AS g ON g.source = e.source AND g.store_id = e.store_id
WHERE g.store_id IS NULL
UNION ALL
SELECT e.source, 'campaign_roi', e.campaign_id
FROM {{ silver('campaigns') }} AS e
LEFT JOIN {{ gold('campaign_roi') }} AS g ON g.source = e.source AND g.campaign_id = e.campaign_id
WHERE g.campaign_id IS NULL
