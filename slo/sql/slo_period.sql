-- The calendar period that holds a minute; the same answers as `slo.engine.calendars.period`.
CREATE OR REPLACE FUNCTION slo_period(at_minute bigint, unit text, count int, anchor timestamp, zone text)
RETURNS TABLE (first bigint, last bigint) LANGUAGE sql STABLE BEGIN ATOMIC
SELECT edge.first, edge.last
FROM (SELECT coalesce($4, timestamp '2024-01-01') AS start,
             to_timestamp($1 * 60.0) AT TIME ZONE $5 - interval '1 day' AS local,
             CASE $2 WHEN 'week' THEN make_interval(weeks => $3)
                     WHEN 'month' THEN make_interval(months => $3)
                     WHEN 'quarter' THEN make_interval(months => 3 * $3)
                     WHEN 'year' THEN make_interval(months => 12 * $3) END AS step) AS given,
LATERAL (SELECT CASE $2
    WHEN 'week' THEN floor(extract(epoch FROM local - start) / (604800 * $3))
    ELSE floor(((extract(year FROM local) - extract(year FROM start)) * 12
                + extract(month FROM local) - extract(month FROM start))
               / (extract(year FROM step) * 12 + extract(month FROM step))) END::int AS number) AS estimate,
LATERAL (SELECT floor(extract(epoch FROM (start + (number - 1) * step) AT TIME ZONE $5) / 60)::bigint AS before,
                floor(extract(epoch FROM (start + number * step) AT TIME ZONE $5) / 60)::bigint AS here,
                floor(extract(epoch FROM (start + (number + 1) * step) AT TIME ZONE $5) / 60)::bigint AS after,
                floor(extract(epoch FROM (start + (number + 2) * step) AT TIME ZONE $5) / 60)::bigint AS beyond
        ) AS around,
LATERAL (SELECT CASE WHEN $1 < here THEN before WHEN $1 < after THEN here ELSE after END AS first,
                CASE WHEN $1 < here THEN here WHEN $1 < after THEN after ELSE beyond END AS last) AS edge;
END;
