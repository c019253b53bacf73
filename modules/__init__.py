"""The seven modules, one vertical slice each; they never import each other."""
