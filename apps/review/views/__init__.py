"""The app's pages: each a file with a function `page()`."""
