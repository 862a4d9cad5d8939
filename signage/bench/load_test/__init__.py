"""Load test: many screens in one process with real connections and the player's protocol, including its own cost."""
