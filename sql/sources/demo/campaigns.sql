SELECT
  campaign.campaign_id,
  campaign.campaign_name,
  campaign.channel,
  campaign.target_region,
  campaign.budget,
  campaign.reported_roi,
  campaign.start_date,
  campaign.end_date,
  campaign._line
FROM raw.campaigns AS campaign
