"""The pool as a CloudFormation template, and what deploys it: to AWS and to the local AWS alike."""
