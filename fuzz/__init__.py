"""The fuzzer: seeded requests, lawful and damaged, that no handler may answer with a 5xx."""
