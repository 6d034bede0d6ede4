"""Reviews as files that people keep and other tools read."""
