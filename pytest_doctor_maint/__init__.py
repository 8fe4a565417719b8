"""A pytest plugin that tests zero-downtime maintenance of an OpenStack cloud."""
