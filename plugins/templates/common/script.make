# make test, make install
test:
	./NAME testdata | diff -u expected.prom -

install:
	install -m 755 NAME /etc/hostward/plugins.d/

.PHONY: test install
