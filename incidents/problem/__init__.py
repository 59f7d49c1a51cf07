"""Problems: causes of incidents, found, worked around, fixed, ranked by the error budget they burn."""
