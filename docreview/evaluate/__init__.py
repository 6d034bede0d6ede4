"""Training and measuring: data with answers in, weights or figures out."""
