cpu    = 80
memory = 85
latency = 350

