"""Write what machines pull from: objects, static deltas, a signed summary, a page."""
