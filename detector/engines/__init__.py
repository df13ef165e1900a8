"""What executes a network: one protocol, and an implementation per library."""
