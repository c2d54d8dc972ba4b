# cpu = 1
// cpu = 2
/* cpu = 3
   cpu = 4 */
cpu = 80 # then /* this
memory = 85 // and */ that
/* before */ latency = 350 /* behind */ # and again
