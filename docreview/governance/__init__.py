"""What keeps a deployment honest: the audit log. The policy it obeys lies in `governance/`, apart from the code."""
