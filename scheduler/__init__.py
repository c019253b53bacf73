"""A finite-capacity scheduler: problem in, schedule out. It knows nothing of the rest of the house."""
