"""What screens ask for, beside the poll and media."""
