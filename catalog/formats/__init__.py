"""Other people's descriptions of what there is, read into documents: Backstage, NetBox, Kubernetes, Ansible, CSV.

Pure: bytes in, documents and refusals out. Nothing here knows the database, follows an address that a file names, keeps
a secret, or raises for what a file contains.
"""
