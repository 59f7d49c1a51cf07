"""Knowledge: articles that answer what people ask, checked by a second person, found while somebody types."""
