"""What `cosmo bench configure` is made of: the clock, the customers, the large family, the first view."""
