"""Files of the Studio's page: text.js has all of its sentences."""
