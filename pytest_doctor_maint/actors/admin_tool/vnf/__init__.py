"""Fenix's ``vnf`` workflow: maintenance within the constraints that VNFMs set (ETSI NFV FEAT03)."""
