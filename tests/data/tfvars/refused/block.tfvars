memory = 85
limits {
  cpu = 80
}
cpu = 80
