cpu = /* percent */ 80
