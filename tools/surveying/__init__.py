"""Dataset report: the results of a survey as advice, tables, JSON and an HTML page."""
