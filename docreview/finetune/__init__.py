"""From reviews that people accepted or corrected to examples that a language model can be trained on."""
