"""The command line: one command group a file; each speaks to a running server through the client."""
