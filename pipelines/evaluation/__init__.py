"""The parts of `coverband evaluate`: rows, columns, measuring, tables and the report."""
