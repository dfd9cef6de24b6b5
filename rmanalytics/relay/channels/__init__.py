"""Where the relay sends: CleverTap's callback URL, or any URL that gets callbacks as they came."""
