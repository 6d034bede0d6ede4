"""The review app's start: everything of it that is not a page."""
