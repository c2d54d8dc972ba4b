cpu = null
