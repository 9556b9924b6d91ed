SELECT
  product.product_id,
  product.product_name,
  product.sku,
  product.category,
  product.subcategory,
  product.brand,
  product.supplier_id,
  product.cost_price,
  product.selling_price,
  product.is_active,
  product.created_at,
  product._line
FROM raw.products AS product
