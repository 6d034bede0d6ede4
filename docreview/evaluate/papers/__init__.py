"""The documents of `governance/` that hold figures, made from what is measured and from what is installed."""
