"""The demo plants, their products and parties, and the simulator that plays people and machines."""
