"""What the address model's numbers are fitted with: offline only, the package at work imports none of it."""
