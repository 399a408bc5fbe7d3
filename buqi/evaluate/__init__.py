"""Measuring answers: contestants side by side, metrics, significance, the report."""
