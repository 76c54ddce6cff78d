"""The resources of the clients, one noun a file."""
