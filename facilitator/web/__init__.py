"""The dashboard: pages, a JSON interface and sign-in over one application. It shows, and calls verbs; it holds no rules."""
