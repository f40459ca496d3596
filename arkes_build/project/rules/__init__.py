"""Say what is doubtful in files that can be built: rules as data, each with a page."""
