"""Authentication of screens and users, and browser security."""
