upstream(id) AS (
  -- What these services depend on, at any distance.
  SELECT a.provider_id FROM catalog_arrow a WHERE a.consumer_id = ANY (%(concerned)s)
  UNION
  SELECT a.provider_id FROM catalog_arrow a JOIN upstream u ON a.consumer_id = u.id
)