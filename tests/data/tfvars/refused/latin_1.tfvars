# Schwelle für CPU
cpu = 80
