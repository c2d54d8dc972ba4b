cpu = 8e1
memory = -85.250
latency = 0350
spaced = - 5
