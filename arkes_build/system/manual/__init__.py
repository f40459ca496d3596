"""Make the manual pages and completion scripts from what the commands say of themselves."""
