-- One row per source and campaign: those of the campaign list and those that only sales mention.
WITH attributed AS (
  SELECT
    source,
    campaign_id,
    COUNT(*) AS attributed_orders,
    SUM(CASE WHEN sale_status = 'completed' THEN total_amount ELSE 0 END) AS attributed_revenue
  FROM {{ silver('sales') }}
  WHERE campaign_id IS NOT NULL
  GROUP BY source, campaign_id
),
roi AS (
  SELECT
    COALESCE(c.source, a.source) AS source,
    COALESCE(c.campaign_id, a.campaign_id) AS campaign_id,
    c.campaign_name,
    c.channel,
    c.target_region,
    c.start_date,
    c.end_date,
    c.budget,
    COALESCE(a.attributed_orders, 0) AS attributed_orders,
    COALESCE(a.attributed_revenue, 0) AS attributed_revenue
  FROM {{ silver('campaigns') }} AS c
  FULL OUTER JOIN attributed AS a ON a.source = c.source AND a.campaign_id = c.campaign_id
)
SELECT
  source,
  campaign_id,
  campaign_name,
  channel,
  target_region,
  start_date,
  end_date,
  budget,
  attributed_orders,
  attributed_revenue,
  {{ ratio('(attributed_revenue - budget)', 'budget', 4) }} AS estimated_roi
FROM roi
