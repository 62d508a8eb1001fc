"""How fast it is: every figure beside its limit or its peer, in the same run."""
