-- One row per stock record. A missing product or store leaves its attributes NULL and the record in place.
WITH stock AS (
  SELECT
    i.source,
    i.inventory_id,
    i.product_id,
    p.product_name,
    p.category,
    i.store_id,
    s.store_name,
    s.region,
    i.stock_quantity,
    i.reorder_level,
    i.last_updated_at,
    {{ mul('i.stock_quantity', 'p.cost_price') }} AS stock_value
  FROM {{ silver('inventory') }} AS i
  LEFT JOIN {{ silver('products') }} AS p ON p.source = i.source AND p.product_id = i.product_id
  LEFT JOIN {{ silver('stores') }} AS s ON s.source = i.source AND s.store_id = i.store_id
)
SELECT
  source,
  inventory_id,
  product_id,
  product_name,
  category,
  store_id,
  store_name,
  region,
  CASE
    WHEN stock_quantity <= 0 THEN 'out_of_stock'
    WHEN stock_quantity <= reorder_level THEN 'low_stock'
    ELSE 'healthy'
  END AS stock_status,
  stock_quantity,
  reorder_level,
  {{ round('stock_value', 2) }} AS estimated_stock_value,
  last_updated_at
FROM stock
