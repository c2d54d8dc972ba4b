cpu = +80
