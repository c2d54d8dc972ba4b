cpu=80
	memory	=	85		# tabs
  
	
latency   =350
