"""What calls to AWS need, and what policies allow, by IAM's documented rules."""
