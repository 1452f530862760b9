module discovery

go 1.26
