"""Join the parts: read, plan, build, commit."""
