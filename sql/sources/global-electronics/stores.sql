-- Store 0 is the web shop: its country and state are called "Online" in the file, which is neither.
SELECT
  StoreKey                                                              AS store_id,
  CASE WHEN StoreKey = '0' THEN 'Online' ELSE Country || ', ' || State END AS store_name,
  CASE WHEN StoreKey = '0' THEN 'online' ELSE 'physical' END            AS store_type,
  NULL                                                                  AS region,
  NULL                                                                  AS city,
  CASE WHEN StoreKey <> '0' THEN State END                              AS state,
  CASE WHEN StoreKey <> '0' THEN Country END                            AS country,
  "Square Meters"                                                       AS square_meters,
  parse_date("Open Date", '%m/%d/%Y')                                   AS opened_on,
  _line
FROM raw.stores
