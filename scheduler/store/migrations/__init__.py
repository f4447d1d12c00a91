"""The schema's steps, forward only, each tested from the first version on."""
