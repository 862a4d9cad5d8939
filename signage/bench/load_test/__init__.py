"""Many screens in one process: real connections, the player's own protocol, and an honest account of their cost."""
