"""What the checks judge: gathered from the database and from the running collector, before any judgement."""
