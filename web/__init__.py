"""The shell: pages, static files, drawings."""
