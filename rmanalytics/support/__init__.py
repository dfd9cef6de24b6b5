"""Helpers that know nothing of SMS."""
