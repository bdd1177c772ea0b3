"""EU projects as CORDIS publishes them."""
