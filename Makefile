# make build | run | test | soak | fuzz SECONDS= | format | lint | bench | bench-pages | bench-http | bench-log | install DESTDIR= PREFIX=/usr | clean

PREFIX ?= /usr
DESTDIR ?=
SYSCONFDIR ?= /etc
UNITDIR ?= $(PREFIX)/lib/systemd/system
RELEASE := .build/release
SWIFT_RELEASE := swift build -c release --static-swift-stdlib
# Programs of users, and programs that only the daemon starts.
PROGRAMS := millraced millracectl
INTERNAL := millrace-normalise millrace-fetch-http millrace-fetch-directory millrace-fetch-stdin millrace-fetch-exec \
	millrace-deliver-jsonl millrace-deliver-sqlite
SWIFT_SOURCES := Package.swift Sources Plugins Benchmarks Tests Soak Fuzzing/Package.swift \
	Fuzzing/Sources/millrace-fuzz

.PHONY: build run test soak format lint bench bench-pages bench-http bench-sources bench-log bench-compression bench-sameness bench-feeds score-feeds fuzz install clean system-packages system-packages-tests system-packages-soak

build: system-packages
	$(SWIFT_RELEASE)

run: build
	@Scripts/run.sh

# The test that boots a systemd installs the release programs.
test: system-packages-tests build
	swift build --build-tests
	swift test

# Hours of faults: COUNT=… makes each part shorter, SEED=… makes it the same again. Loop devices need root.
soak: build system-packages-soak
	@Soak/run.sh

system-packages-soak:
	@Scripts/install-dependencies.sh build test soak

system-packages:
	@Scripts/install-dependencies.sh build

system-packages-tests:
	@Scripts/install-dependencies.sh build test

format:
	swift format -i -r -p --configuration .swift-format $(SWIFT_SOURCES)

lint:
	swift format lint --strict -r -p --configuration .swift-format $(SWIFT_SOURCES)

# The corpus of real pages where it is there, else the samples.
CORPUS_PAGES := $(wildcard $(or $(MILLRACE_CORPUS),../shared/corpus)/pages/html)

bench: build
	$(RELEASE)/millrace-bench log
	$(RELEASE)/millrace-bench log-reader
	$(RELEASE)/millrace-bench ingest
	$(RELEASE)/millrace-bench normalise $(or $(CORPUS_PAGES),Samples/pages)
	$(RELEASE)/millrace-bench idle
	$(RELEASE)/millrace-bench start

# Beside resiliparse and trafilatura, on the same pages in one run.
bench-pages: build
	Benchmarks/pages/run.sh $(or $(CORPUS_PAGES),Samples/pages)

# Coverage-guided fuzzing by libFuzzer; the targets share the seconds. docs/normalisation.md
fuzz: system-packages
	Fuzzing/run.sh $(or $(SECONDS),60)

# Beside feedparser and fastfeedparser, on the same feeds in one run.
bench-feeds: build
	Benchmarks/feeds/run.sh

# The corpus's feed cases, over HTTP, which need the corpus; then feedparser's own tests, which need pip. Beside them stands
# what feedparser says, where `make bench-feeds` has installed it.
score-feeds: build
	python3 Benchmarks/feeds/score.py $(RELEASE)/millracectl $(MILLRACE_CORPUS)
	$(or $(wildcard .build/bench-feeds/bin/python),python3) Benchmarks/feeds/suite.py $(RELEASE)/millracectl

# Needs nginx. SCRAPY=/path/to/python, one that has Scrapy, which then does the same once.
bench-http: build
	$(RELEASE)/millrace-bench http $(if $(SCRAPY),--scrapy $(SCRAPY))

# Start, memory and processor time with 1,000, 10,000 and 100,000 sources of which none is due, in files of 1,000 and of
# one; then how late jobs begin at 1,000 a second.
bench-sources: build
	$(RELEASE)/millrace-bench sources
	$(RELEASE)/millrace-bench dispatch

# Beside a bare log in C, Redis, SQLite and NATS JetStream, on the disk of this checkout.
bench-log: build
	@Scripts/install-dependencies.sh bench
	Benchmarks/log/run.sh

# What zstd in the log gains and costs.
bench-compression: build
	$(RELEASE)/millrace-bench compression $(or $(CORPUS_PAGES),Samples/pages)

bench-sameness: build
	$(RELEASE)/millrace-bench sameness $(or $(CORPUS_PAGES),Samples/pages)
	$(RELEASE)/millrace-bench sameness-index

# Installs what `make build` made; needs no compiler, so that it can run as root behind a build as user.
install:
	@test -x $(RELEASE)/millraced || { echo "make install: build first, with 'make build'" >&2; exit 1; }
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec/millrace $(DESTDIR)$(UNITDIR)
	install -d $(DESTDIR)$(PREFIX)/lib/sysusers.d $(DESTDIR)$(PREFIX)/lib/tmpfiles.d
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man8
	install -d $(DESTDIR)$(PREFIX)/share/doc/millrace $(DESTDIR)$(SYSCONFDIR)/millrace/sources.d
	for program in $(PROGRAMS); do \
		install -s -m 755 $(RELEASE)/$$program $(DESTDIR)$(PREFIX)/bin/ || exit 1; done
	for program in $(INTERNAL); do \
		install -s -m 755 $(RELEASE)/$$program $(DESTDIR)$(PREFIX)/libexec/millrace/ || exit 1; done
	sed 's|/usr/bin/|$(PREFIX)/bin/|' systemd/millraced.service > $(DESTDIR)$(UNITDIR)/millraced.service
	chmod 644 $(DESTDIR)$(UNITDIR)/millraced.service
	install -m 644 systemd/millrace.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/millrace.conf
	install -m 644 systemd/millrace.tmpfiles $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/millrace.conf
	install -m 644 docs/man/millracectl.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 docs/man/millraced.8 $(DESTDIR)$(PREFIX)/share/man/man8/
	install -m 644 $(wildcard README.md docs/*.md) $(DESTDIR)$(PREFIX)/share/doc/millrace/
	for file in millrace.toml sources.d/inbox.toml; do \
		test -e $(DESTDIR)$(SYSCONFDIR)/millrace/$$file || \
		install -m 640 packaging/etc/$$file $(DESTDIR)$(SYSCONFDIR)/millrace/$$file || exit 1; done

clean:
	rm -rf .build
