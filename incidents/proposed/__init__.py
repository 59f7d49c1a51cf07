"""What software agents may propose of incidents, problems, postmortems and articles; people decide each."""
