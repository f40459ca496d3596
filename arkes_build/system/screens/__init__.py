"""Draw what the commands of `os` found, as text and as JSON."""
