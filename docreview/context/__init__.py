"""What a language model sees of a document: all of it, windows of it, or its best passages; and what that costs."""
