"""Who is let in, and how they are told where to come."""
