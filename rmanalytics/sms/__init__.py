"""What an SMS is made of: segments and numbers."""
