"""What `coverband benchmark speed` measures, part by part."""
