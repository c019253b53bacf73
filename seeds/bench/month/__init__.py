"""A month of the demo's first plant in simulated time: what was promised, kept, and possible."""
