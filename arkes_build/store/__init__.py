"""Keep what was built: OSTree repository, records, logs, lock."""
