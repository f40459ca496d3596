"""Read a project from disk and expand it into its nodes."""
