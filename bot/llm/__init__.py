"""Language models: one file a provider, one protocol, and what keeps a sick provider from harming a user."""
