"""Deployments of an OSTree sysroot and their boot entries, on a machine or in a plain folder."""
