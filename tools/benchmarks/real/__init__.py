"""Benchmark on really produced recordings: songs of Debian packages, see docs/real_recordings.md."""
