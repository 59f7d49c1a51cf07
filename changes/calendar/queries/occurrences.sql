-- The times of windows in scope that meet a period, by one probe of the index.
SELECT w.id, w.window_type, w.name, w.demanded, w.created_at, lower(o.period), upper(o.period), w.change_kinds
FROM changes_calendaroccurrence o JOIN changes_calendarwindow w ON w.id = o.window_id
WHERE o.period && tstzrange(%(starts)s, %(ends)s) AND w.lifted_at IS NULL AND w.window_type = ANY (%(kinds)s)
  AND {in_scope}
ORDER BY lower(o.period), w.id
LIMIT %(most)s
