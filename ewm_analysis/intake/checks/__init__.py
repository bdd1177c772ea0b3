"""What is odd in a data set: findings, each with its name, its place and what to do."""
