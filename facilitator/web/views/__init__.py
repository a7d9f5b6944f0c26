"""What each page shows, as plain dataclasses computed from the run log; the same ones answer under /api."""
