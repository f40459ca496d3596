"""Keep the releases that should stay, and take away what nothing needs."""
