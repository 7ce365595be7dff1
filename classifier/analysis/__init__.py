"""What follows from tagged policies: facts that are parsed, not classified."""
