"""Routes of the Studio's page and of its API."""
