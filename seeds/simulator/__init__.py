"""Plays customers, operators, machines, suppliers and carriers, through the public API alone."""
