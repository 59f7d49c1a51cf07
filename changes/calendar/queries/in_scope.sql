(
  -- Whether the window w concerns a service in an environment (null: in any): what all that it names have in common.
  -- `upstream`: what these services depend on; read only where a window names services with their dependents.
  (w.environments = '{}' OR %(environment)s::text IS NULL OR %(environment)s = ANY (w.environments))
  AND (w.tiers = '{}' OR EXISTS (
    SELECT FROM catalog_service s WHERE s.id = ANY (%(concerned)s) AND s.tier = ANY (w.tiers)
  ))
  AND (
    NOT EXISTS (SELECT FROM changes_calendarwindow_teams t WHERE t.calendarwindow_id = w.id)
    OR EXISTS (
      SELECT FROM changes_calendarwindow_teams t JOIN catalog_service s ON s.team_id = t.team_id
      WHERE t.calendarwindow_id = w.id AND s.id = ANY (%(concerned)s)
    )
  )
  AND (
    NOT EXISTS (SELECT FROM changes_calendarwindow_services s WHERE s.calendarwindow_id = w.id)
    OR EXISTS (
      SELECT FROM changes_calendarwindow_services s
      WHERE s.calendarwindow_id = w.id AND (
        s.service_id = ANY (%(concerned)s) OR w.with_dependents AND s.service_id IN (SELECT id FROM upstream)
      )
    )
  )
)