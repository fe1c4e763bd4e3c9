"""Executor of preparation tasks on Apache Beam: other processes and other machines."""
