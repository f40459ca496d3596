"""Turn a planned node into the text of a Containerfile; asks nothing."""
