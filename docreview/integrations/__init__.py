"""docreview inside other libraries, one package for each. Nothing here is loaded unless it is imported by name."""
