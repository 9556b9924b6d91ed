-- severity: error
-- describes: Stock records and units over inventory_risk are those of the inventory.
-- shows: source, records_of_model, records, units_of_model, units
WITH of_model AS (
  SELECT source, COUNT(*) AS records, SUM(stock_quantity) AS units
  FROM {{ gold('inventory_risk') }}
  GROUP BY source
),
of_inventory AS (
  SELECT source, COUNT(*) AS records, SUM(stock_quantity) AS units
  FROM {{ silver('inventory') }}
  GROUP BY source
)
SELECT
  COALESCE(m.source, i.source) AS source,
  m.records AS records_of_model,
  i.records AS records,
  m.units AS units_of_model,
  i.units AS units
FROM of_model AS m
FULL OUTER JOIN of_inventory AS i ON i.source = m.source
WHERE COALESCE(m.records, 0) <> COALESCE(i.records, 0) OR COALESCE(m.units, 0) <> COALESCE(i.units, 0)
