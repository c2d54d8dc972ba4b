<<<<<<< HEAD
cpu = 80
=======
cpu = 75
>>>>>>> other
