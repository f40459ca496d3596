"""Put this machine's figures into the words of Prometheus."""
