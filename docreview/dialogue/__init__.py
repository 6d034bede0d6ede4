"""One conversation with a language model about a document: its turns, its tools, its guards."""
