"""How each agent's program is told what it shall be, and how what it prints is understood."""
