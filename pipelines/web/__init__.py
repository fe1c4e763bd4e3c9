"""Page of a model: one HTML file that makes covers in a browser, see `coverband export --format web`."""
