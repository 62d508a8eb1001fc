"""What goes out: an event in the words of its receiver, and the proof that it is ours."""
