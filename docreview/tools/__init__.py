"""What a language model may call while it reads a document."""
