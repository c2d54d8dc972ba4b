services = { web = { cpu = 80, memory = 85 }, api = { cpu = 70, memory = 75 } }
