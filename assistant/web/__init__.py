"""The HTTP service: an interface for programs, and a page that is the assistant on a phone."""
