"""Data that ships with the package: trained weights and a tokenizer. Their cards are in docs/."""
