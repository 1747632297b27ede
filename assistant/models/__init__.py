"""Which model files exist, where they come from and whether they are whole."""
