"""The steps of a run, one module each; `pipeline` alone knows their order."""
