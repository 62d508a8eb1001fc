"""The door for machines: Sendcloud's words outside, ours inside. Plain views; bodies are read with our own limits."""
