"""What a survey found, told: advice, tables, JSON, and a page."""
