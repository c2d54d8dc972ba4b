limits = {
  cpu = 80
  "cpu" = 81
}
