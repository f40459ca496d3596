"""Draw what updates bring and what they take: as text and as JSON."""
