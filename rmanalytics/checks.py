"""Findings and checks of doctor and validate."""
