"""The version; part of what makes a saved result reproducible."""

__version__ = "0.1.0"
