-- severity: error
-- describes: Orders and net revenue over all campaigns, and of the sales without a campaign, are those over all days.
-- shows: source, net_of_campaigns, net_without_campaign, net_of_days, orders_of_campaigns, orders_without_campaign, orders_of_days
WITH of_campaigns AS (
  SELECT source, SUM(attributed_revenue) AS net, SUM(attributed_orders) AS orders
  FROM {{ gold('campaign_roi') }}
  GROUP BY source
),
without_campaign AS (
  SELECT source, SUM(CASE WHEN sale_status = 'completed' THEN total_amount ELSE 0 END) AS net, COUNT(*) AS orders
  FROM {{ silver('sales') }}
  WHERE campaign_id IS NULL
  GROUP BY source
),
of_days AS (
  SELECT source, SUM(net_revenue) AS net, SUM(total_orders) AS orders
  FROM {{ gold('daily_revenue') }}
  GROUP BY source
)
SELECT
  COALESCE(d.source, g.source) AS source,
  g.net AS net_of_campaigns,
  r.net AS net_without_campaign,
  d.net AS net_of_days,
  g.orders AS orders_of_campaigns,
  r.orders AS orders_without_campaign,
  d.orders AS orders_of_days
FROM of_days AS d
FULL OUTER JOIN of_campaigns AS g ON g.source = d.source
LEFT JOIN without_campaign AS r ON r.source = d.source
WHERE COALESCE(g.net, 0) + COALESCE(r.net, 0) <> COALESCE(d.net, 0)
  OR COALESCE(g.orders, 0) + COALESCE(r.orders, 0) <> COALESCE(d.orders, 0)
