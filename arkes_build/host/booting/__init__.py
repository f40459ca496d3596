"""What the system does at each boot: look who came up, count, bless, set aside."""
