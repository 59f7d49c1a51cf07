"""Changes: asked, judged, decided by people where needed, deployed, reviewed."""
