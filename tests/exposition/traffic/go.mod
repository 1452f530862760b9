module example.com/exposition/traffic

go 1.26.0
