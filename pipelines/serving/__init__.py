"""HTTP server of exported models, see `coverband serve`."""
