SELECT
  store.store_id,
  store.store_name,
  store.store_type,
  store.region,
  store.city,
  store.state,
  store.country,
  store.square_meters,
  store.opened_on,
  store._line
FROM raw.stores AS store
