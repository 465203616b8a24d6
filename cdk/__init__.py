"""The infrastructure: a models directory and a stage's settings become CloudFormation templates."""
