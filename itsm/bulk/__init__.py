"""The same actions on many records: a result for each, all or none on request, and half an hour to take edits back."""
