limits = {
  "cpu.max"  = 80,
  "two words": 70,
  "cpu" : 60
}
