"""Git: gate repositories, working copies, commits, pushes, memory; the only room that runs git."""
