import JSON
import TestSupport
import Testing

@testable import Configuration

@Suite struct LoaderTests {
    @Test func theMaximumSizeOfTheLogIsChecked() {
        let log = parse("[log]\nmax_size = \"1 GiB\"\nwhen_full = \"drop_oldest\"\nkeep_for = \"30d\"").configuration
            .log
        #expect(log.maximumSize == 1 << 30 && log.whenFull == .dropOldest && log.keepFor == 30 * 86_400)
        #expect(parse("[log]\nmax_size = \"1 GiB\"").configuration.log.whenFull == .block)
        #expect(parse("[log]\nmax_size = \"256 KiB\"\nsegment_size = \"64 KiB\"").problems.isEmpty)
        for (text, what, remedy) in [
            ("max_size = \"100 MiB\"", "'max_size' is 100 MiB", "256 MiB"),
            ("max_size = \"much\"", "'max_size'", "\"64 MiB\""),
            ("when_full = \"block\"", "'when_full' has no effect", "max_size"),
            ("max_size = \"1 GiB\"\nwhen_full = \"drop\"", "'when_full' is \"drop\"", "block, drop_oldest"),
        ] {
            let problems = parse("[log]\n\(text)").problems
            #expect(problems.count == 1)
            #expect(problems.first?.what.contains(what) == true && problems.first?.remedy.contains(remedy) == true)
        }
    }

    @Test func everythingThatCanBeSaid() throws {
        let parsed = parse(
            """
            [daemon]
            state_directory = "/var/lib/millrace"
            control_socket = "/run/millrace/control.sock"
            plugin_directory = "/usr/libexec/millrace"
            workers = 3
            worker_memory = "1 GiB"
            worker_timeout = "90s"
            log_level = "debug"
            log_format = "json"
            [log]
            sync = "interval"
            sync_interval = "500ms"
            segment_size = "128 MiB"
            compression = "zstd"
            [plugin.gopher]
            command = ["/usr/bin/gopher", "--millrace"]
            memory = "64 MiB"
            environment = { LANG = "C" }
            [[sink]]
            name = "archive"
            plugin = "jsonl"
            batch_size = 50
            timeout = "2m"
            paused = true
            sources = ["news-*", "blog"]
            [source.news-1]
            plugin = "http"
            every = "1h30m"
            jitter = "30s"
            timeout = "20s"
            paused = true
            window = "8 MiB"
            max_item_size = 1000000
            records = "lines"
            media_type = "application/x-ndjson; charset=utf-8"
            duplicates = "drop"
            language = "en-GB"
            content = ["text", "markdown"]
            fields = { title = "headline" }
            [source."2.x_y"]
            plugin = "gopher"
            cron = "0 6 * * *"
            timezone = "Europe/Berlin"
            [source.inbox]
            plugin = "push"
            """)
        #expect(parsed.problems.isEmpty)
        let configuration = parsed.configuration
        #expect(configuration.daemon.stateDirectory == "/var/lib/millrace" && configuration.daemon.workers == 3)
        #expect(configuration.daemon.workerMemory == 1 << 30 && configuration.daemon.workerTimeout == 90)
        #expect(configuration.daemon.logLevel == .debug && configuration.daemon.logFormat == "json")
        #expect(
            configuration.log
                == {
                    var log = LogSettings(); log.syncInterval = 0.5; log.segmentSize = 128 << 20
                    log.compression = .zstd; return log
                }())
        #expect(configuration.plugins["gopher"]?.command == ["/usr/bin/gopher", "--millrace"])
        #expect(configuration.plugins["gopher"]?.memory == 64 << 20)
        #expect(parsed.usedPlugins == ["http", "jsonl", "gopher"])
        let sink = try #require(configuration.sinks.first)
        #expect(sink.name == "archive" && sink.batchSize == 50 && sink.timeout == 120 && sink.paused)
        #expect(sink.takes(source: "news-1") && sink.takes(source: "blog") && !sink.takes(source: "blogs"))
        let sources = Dictionary(uniqueKeysWithValues: configuration.sources.map { ($0.name, $0) })
        #expect(Set(sources.keys) == ["news-1", "2.x_y", "inbox"])
        let news = try #require(sources["news-1"])
        #expect(news.schedule == .every(5400) && news.jitter == 30 && news.timeout == 20 && news.paused)
        #expect(news.window == 8 << 20 && news.maximumItemSize == 1_000_000 && news.records == .lines)
        #expect(
            news.normalisation == [
                "fields": ["title": "headline"], "language": "en-GB", "content": ["text", "markdown"],
            ])
        #expect(news.file == "m.toml" && news.line == 26)
        #expect(sources["2.x_y"]?.schedule == .cron("CRON_TZ=Europe/Berlin 0 6 * * *"))
        #expect(sources["inbox"]?.schedule == .onDemand)
    }

    @Test func hubs() throws {
        let parsed = parse("[websub]\ncallback = \"https://me.example/in\"\nlisten = \"[::1]:80\"\nlease = \"1d\"")
        let settings = try #require(parsed.configuration.webSub)
        #expect(parsed.problems.isEmpty && settings.callback == "https://me.example/in/")
        #expect(settings.host == "::1" && settings.port == 80 && settings.pollEvery == 21_600)
        let command = Programs(configured: "/p").command(ofPlugin: "http", parsed.configuration)
        #expect(command.dropFirst().starts(with: ["--websub-listen", "[::1]:80", "--websub-callback"]))
        #expect(Programs(configured: "/p").command(ofPlugin: "exec", parsed.configuration).count == 1)
    }

    @Test func emptyIsComplete() {
        let parsed = parse("")
        #expect(parsed.problems.isEmpty && parsed.configuration == Configuration(file: "m.toml"))
    }

    /// Each text and the beginning of its one problem, as it is printed.
    @Test func automaticIntervals() {
        let parsed = parse(
            """
            [source.often]
            plugin = "http"
            every = "auto"
            [source.seldom]
            plugin = "http"
            every = "auto"
            every_min = "2d"
            """)
        #expect(parsed.problems.isEmpty)
        #expect(
            parsed.configuration.sources.map(\.schedule) == [
                .automatic(shortest: 300, longest: 86_400), .automatic(shortest: 172_800, longest: 172_800),
            ])
    }

    @Test(arguments: [
        ("[daemon]\nwrokers = 2", "m.toml:2: [daemon] has no key 'wrokers', did you mean 'workers'?"),
        ("[deamon]", "m.toml:1: the main file has no key 'deamon', did you mean 'daemon'?"),
        ("[daemon]\nzzzzzz = 2", "m.toml:2: [daemon] has no key 'zzzzzz', known keys are control_socket"),
        ("daemon = 5", "m.toml:1: '[daemon]' is an integer, make it a table: [daemon]"),
        ("[daemon]\nworkers = \"2\"", "m.toml:2: 'workers' is \"2\", give it an integer"),
        ("[daemon]\nworkers = 0", "m.toml:2: 'workers' is 0, give it 1 to 256"),
        ("[daemon]\nworker_memory = \"1 MiB\"", "m.toml:2: 'worker_memory' is 1 MiB, give it 64 MiB to"),
        ("[daemon]\nworker_memory = -5", "m.toml:2: 'worker_memory' is -5 B, give it 64 MiB to"),
        ("[daemon]\nlog_level = \"loud\"", "m.toml:2: 'log_level' is \"loud\", give it one of debug, info,"),
        ("[daemon]\nlog_format = \"xml\"", "m.toml:2: 'log_format' is \"xml\", give it one of auto,"),
        ("[daemon]\nstate_directory = \"\"", "m.toml:2: 'state_directory' is empty"),
        ("[daemon]\nstate_directory = 1979-05-27", "m.toml:2: 'state_directory' is a date, give it a string"),
        ("[daemon]\ncontrol_socket = \"a\\u0000b\"", "m.toml:2: 'control_socket' is no text"),
        ("[log]\nsync = \"never\"", "m.toml:2: 'sync' is \"never\", give it one of always, interval"),
        ("[log]\nsync_interval = \"1s\"", "m.toml:2: 'sync_interval' has no effect"),
        ("[websub]", "m.toml:1: [websub] names no 'callback', write the address"),
        ("[websub]\ncallback = \"me.example\"", "m.toml:2: 'callback' is \"me.example\", write it in full"),
        ("[websub]\ncallback = \"https://me.example/?a\"", "m.toml:2: 'callback' is \"https://me.example/?a\""),
        (
            "[websub]\ncallback = \"https://a/\"\nlisten = \"8090\"",
            "m.toml:3: 'listen' is \"8090\", give it an address"
        ),
        ("[websub]\ncallback = \"https://a/\"\nlisten = \"localhost:1\"", "m.toml:3: 'listen' is \"localhost:1\""),
        ("[websub]\ncallback = \"https://a/\"\nlease = \"1s\"", "m.toml:3: 'lease' is 1s"),
        ("[plugin.x]", "m.toml:1: [plugin.x] has no command"),
        ("[plugin.x]\ncommand = []", "m.toml:2: [plugin.x] has no command"),
        ("[plugin.x]\ncommand = \"x\"", "m.toml:2: 'command' is \"x\", give it a list of strings"),
        ("[plugin.x]\ncommand = [\"x\", 1]", "m.toml:2: 'command' holds an integer"),
        ("[plugin.x]\ncommand = [\"x\"]\nenvironment = 3", "m.toml:3: 'environment' is an integer"),
        ("[plugin.x]\ncommand = [\"x\"]\nenvironment = { \"A=B\" = \"c\" }", "m.toml:3: 'A=B' can't be a variable"),
        ("[plugin.push]\ncommand = [\"x\"]", "m.toml:1: the plugin 'push' is the daemon's own"),
        ("[plugin.X]\ncommand = [\"x\"]", "m.toml:1: 'X' is no name"),
        ("[sink]\nplugin = \"jsonl\"", "m.toml:1: 'sink' is a table, write [[sink]]"),
        ("[[sink]]\nname = \"x\"", "m.toml:1: a [[sink]] names no plugin"),
        ("[[sink]]\nplugin = 5", "m.toml:2: 'plugin' is an integer"),
        ("[[sink]]\nplugin = \"push\"", "m.toml:2: the plugin 'push' takes content in"),
        ("[[sink]]\nplugin = \"jsonl\"\nbatch_size = 0", "m.toml:3: 'batch_size' is 0"),
        ("[[sink]]\nplugin = \"jsonl\"\nsources = []", "m.toml:3: 'sources' is empty"),
        (
            "[[sink]]\nplugin = \"jsonl\"\n[[sink]]\nplugin = \"jsonl\"",
            "m.toml:4: there is another sink 'jsonl' at m.toml:1"
        ),
        ("source = []", "m.toml:1: 'source' is a list, write [source.NAME]"),
        ("[source]\nx = 1", "m.toml:2: 'source.x' is an integer, write [source.NAME]"),
        ("[source.\"a b\"]", "m.toml:1: 'a b' is no name"),
        ("[source.a]", "m.toml:1: [source.a] names no plugin"),
        ("[source.a]\nplugin = \"htpt\"", "m.toml:2: [source.a]: there is no plugin 'htpt', did you mean 'http'?"),
        ("[source.a]\nplugin = \"http\"\nevery = \"0s\"", "m.toml:3: 'every' is 0s, give it at least 100ms"),
        (
            "[source.a]\nplugin = \"http\"\nevery = \"5 parsecs\"",
            "m.toml:3: 'every' is \"5 parsecs\", give it a length of time"
        ),
        ("[source.a]\nplugin = \"http\"\nevery = 5", "m.toml:3: 'every' is an integer, give it a length of time"),
        ("[source.a]\nplugin = \"http\"\nevery = \"-5s\"", "m.toml:3: 'every' is \"-5s\", give it a length of time"),
        ("[source.a]\nplugin = \"http\"\nevery = \"auto\"\ncron = \"* * * * *\"", "m.toml:4: both 'every' and 'cron'"),
        (
            "[source.a]\nplugin = \"http\"\nevery = \"auto\"\nevery_min = \"2d\"\nevery_max = \"1h\"",
            "m.toml:4: 'every_min' is longer than 'every_max'"
        ),
        ("[source.a]\nplugin = \"http\"\nevery = \"1h\"\nevery_max = \"2h\"", "m.toml:4: 'every_max' has no effect"),
        ("[source.a]\nplugin = \"http\"\nevery = \"auto\"\njitter = \"6m\"", "m.toml:4: 'jitter' has no effect"),
        ("[source.a]\nplugin = \"http\"\nevery = \"5m\"\ncron = \"* * * * *\"", "m.toml:4: both 'every' and 'cron'"),
        ("[source.a]\nplugin = \"http\"\nevery = \"5m\"\njitter = \"6m\"", "m.toml:4: 'jitter' is longer than 'every'"),
        (
            "[source.a]\nplugin = \"http\"\njitter = \"6m\"",
            "m.toml:3: 'jitter' has no effect without 'cron' or a length of time in 'every'"
        ),
        ("[source.a]\nplugin = \"http\"\ntimezone = \"UTC\"", "m.toml:3: 'timezone' has no effect without 'cron'"),
        ("[source.a]\nplugin = \"push\"\nevery = \"5m\"", "m.toml:3: 'every' has no effect with the plugin 'push'"),
        ("[source.a]\nplugin = \"http\"\npaused = \"no\"", "m.toml:3: 'paused' is \"no\", give it true or false"),
        ("[source.a]\nplugin = \"http\"\nrecords = \"words\"", "m.toml:3: 'records' is \"words\""),
        ("[source.a]\nplugin = \"http\"\nduplicates = \"hide\"", "m.toml:3: 'duplicates' is \"hide\""),
        ("[source.a]\nplugin = \"http\"\nmedia_type = \"json\"", "m.toml:3: 'media_type' is \"json\""),
        ("[source.a]\nplugin = \"http\"\nlanguage = \"English\"", "m.toml:3: 'language' is \"English\""),
        ("[source.a]\nplugin = \"http\"\ncontent = [\"pdf\"]", "m.toml:3: 'content' holds \"pdf\""),
        (
            "[source.a]\nplugin = \"http\"\nfields = { titel = \"x\" }",
            "m.toml:3: documents have no field 'titel', did you mean 'title'?"
        ),
        ("[source.a]\nplugin = \"http\"\nfields = { title = 1 }", "m.toml:3: 'fields.title' is an integer"),
        ("[source.a]\nplugin = \"http\"\nmax_item_size = \"1 TiB\"", "m.toml:3: 'max_item_size' is 1 TiB"),
        (
            "[source.a]\nplugin = \"http\"\nplugin = \"jsonl\"",
            "m.toml:3: this stands here a second time, first in line 2"
        ),
        (
            "[source.a]\nplugin = \"http\"\n[source.b]\nplugin = \"http\"\n[ source.a ]\n",
            "m.toml:5: this stands here a second time, first in line 1"
        ),
        ("a = ", "m.toml:1: this is no TOML:"),
        ("\n\n[x", "m.toml:3: this is no TOML:"),
    ])
    func oneProblem(_ text: String, expected: String) {
        let found = problems(text)
        #expect(found.count == 1 && found.first?.hasPrefix(expected) ?? false, "\(found)")
    }

    @Test func allProblemsAtOnceAndTheRestIsGood() {
        let parsed = parse(
            """
            [daemon]
            workers = 1000
            [source.bad]
            plugin = "http"
            every = "now"
            jitter = 5
            pausd = true
            [source.good]
            plugin = "http"
            """)
        #expect(parsed.problems.map(\.line) == [2, 5, 6])
        #expect(parsed.configuration.sources.map(\.name) == ["good"])
        #expect(parsed.problems[0].column == 1)
    }

    @Test func aDoubleIsFoundEvenWhenTheFirstIsBad() throws {
        let directory = TemporaryDirectory()
        let main = try directory.write("m.toml", "[source.a]\nplugin = \"http\"\nevery = 1\n")
        _ = try directory.write("sources.d/b.toml", "\n[source.a]\nplugin = \"http\"\n")
        let parsed = Loader.load(file: main, knownPlugins: ["http"])
        #expect(parsed.problems.count == 2 && parsed.configuration.sources.isEmpty)
        #expect(
            parsed.problems.last?.description
                == "\(directory.path)/sources.d/b.toml:2: there is another source 'a' at \(main):1, rename one of them")
    }

    @Test func cronIsChecked() {
        let check: Loader.CronCheck = { text in
            text.contains("Mars") ? ("no zone", "another") : text.contains("bad") ? ("no cron", "write it") : nil
        }
        func found(_ lines: String) -> [String] {
            Loader.load(
                text: "[source.a]\nplugin = \"http\"\n\(lines)", name: "m", knownPlugins: ["http"], cronProblem: check
            ).problems.map(\.description)
        }
        #expect(found("cron = \"0 0 * * *\"").isEmpty)
        #expect(found("cron = \"bad\"") == ["m:3: 'cron': no cron, write it"])
        #expect(found("cron = \"0 0 * * *\"\ntimezone = \"Mars\"") == ["m:4: 'timezone': no zone, another"])
        #expect(found("cron = \"bad\"\ntimezone = \"UTC\"") == ["m:3: 'cron': no cron, write it"])
        #expect(found("cron = \"CRON_TZ=UTC 0 0 * * *\"\ntimezone = \"UTC\"").count == 1)
        #expect(found("cron = \"0 * * *\"\ntimezone = \"UTC 0\"").count == 1)
    }

    @Test func problemsAreBounded() {
        let text = "[daemon]\n" + (0..<20_000).map { "key\($0) = 1\n" }.joined()
        #expect(problems(text).count == 100)
        let sources = (0..<500).map { "[source.s\($0)]\nplugin = 1\n" }.joined()
        let found = problems(sources)
        #expect(found.count == 101 && found.last == "m.toml: there are 400 more problems, mend the first ones")
    }

    @Test func manySourcesAreNoTrouble() {
        let text = (0..<8000).map { "[source.s\($0)]\nplugin = \"http\"\nurl = \"https://example.org/\($0)\"\n" }
            .joined()
        let (configuration, problems) = resolve(text, ["properties": ["url": ["type": "string"]]])
        #expect(problems.isEmpty && configuration.sources.count == 8000)
        #expect(
            configuration.sources.allSatisfy {
                $0.settings.value["url"]?.string?.hasSuffix("/\($0.name.dropFirst())") ?? false
            })
    }
}
