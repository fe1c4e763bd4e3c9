"""Evaluation of translation systems: systems, clips, columns, measurement, tables and report."""
