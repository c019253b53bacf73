"""The commands of `python3 -m scheduler`, a file each. What takes long to import is imported when it runs."""
