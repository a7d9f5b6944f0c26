"""A simulated Asana: the part of the published REST API that ceremonies read and write, kept in memory."""
