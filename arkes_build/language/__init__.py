"""Read the Systemfile language: text in, typed nodes and findings out; pure."""
