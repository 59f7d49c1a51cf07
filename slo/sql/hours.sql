-- One table for all who read, in two parts: the hour of each series that is being filled, rewritten each minute, and
-- all others. Thousands of rows with room on their pages and a small index take the minute's work; the index of the
-- history, as wide as all series and months, is touched once an hour.
CREATE TABLE slo_hourcounts (
  series_id bigint NOT NULL REFERENCES slo_series (id) DEFERRABLE INITIALLY DEFERRED,
  base_bad bigint NOT NULL,
  base_total bigint NOT NULL,
  valid bigint NOT NULL,
  hour integer NOT NULL,
  base_valid integer NOT NULL,
  revision integer NOT NULL,
  live boolean NOT NULL DEFAULT false,
  bad integer[60],
  total integer[60],
  wide_bad bigint[60],
  wide_total bigint[60],
  PRIMARY KEY (series_id, hour, live),
  CONSTRAINT an_hour_has_sixty_running_sums CHECK (
    (bad IS NULL OR cardinality(bad) = 60 AND wide_bad IS NULL)
    AND (total IS NULL OR cardinality(total) = 60 AND wide_total IS NULL)
    AND (wide_bad IS NULL OR cardinality(wide_bad) = 60)
    AND (wide_total IS NULL OR cardinality(wide_total) = 60)
  )
) PARTITION BY LIST (live);
CREATE TABLE slo_hourcounts_past PARTITION OF slo_hourcounts FOR VALUES IN (false)
  WITH (fillfactor = 100, autovacuum_vacuum_scale_factor = 0.02);
CREATE TABLE slo_hourcounts_live PARTITION OF slo_hourcounts FOR VALUES IN (true) WITH (fillfactor = 40);
CREATE UNIQUE INDEX one_hour_of_a_series_is_being_filled ON slo_hourcounts_live (series_id);
