"""Compile declarative instructions: PACKAGES, HOSTNAME, OVERLAY become RUN and COPY."""
