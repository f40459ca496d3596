"""What people changed in /etc, and what becomes of it when the system's defaults change."""
