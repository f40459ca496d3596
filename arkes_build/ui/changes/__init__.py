"""Show what changed between two trees: as text, as JSON, as a page."""
