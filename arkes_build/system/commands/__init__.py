"""Hold one module per command of `os`; each is loaded only when it is called."""
