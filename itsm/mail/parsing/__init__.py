"""What a mail says: strangers wrote it, so it is read in a child with limits (`pool`), by plain Python (`reading`)."""
