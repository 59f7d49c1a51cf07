"""What pages say of files."""
