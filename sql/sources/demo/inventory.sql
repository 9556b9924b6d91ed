SELECT
  stock.inventory_id,
  stock.product_id,
  stock.store_id,
  stock.stock_quantity,
  stock.reorder_level,
  stock.last_updated_at,
  stock._line
FROM raw.inventory AS stock
