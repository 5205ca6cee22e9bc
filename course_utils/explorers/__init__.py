"""Explorers: small widgets with one idea each, computed in the browser and in step with Python."""
