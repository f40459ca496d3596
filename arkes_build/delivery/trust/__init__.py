"""Take and believe only what a trusted key has signed."""
