import Glibc
import JSON
import TestSupport
import Testing

@testable import Configuration

@Suite struct SettingsSchemaTests {
    private static let schema: JSONValue = [
        "type": "object", "additionalProperties": false, "required": ["url"],
        "properties": [
            "url": ["type": "string", "format": "uri", "description": "the address"],
            "kind": ["type": "string", "enum": ["page", "feed"]],
            "delay": ["type": "string", "format": "duration", "minimum": 1, "maximum": 60],
            "most": ["type": ["string", "integer"], "format": "size", "maximum": 1_048_576],
            "count": ["type": "integer", "minimum": 1, "maximum": 5],
            "ratio": ["type": "number"],
            "deep": ["type": "boolean"],
            "tags": ["type": "array", "items": ["type": "string"]],
            "waits": ["type": "array", "items": ["type": "string", "format": "duration"]],
            "password": ["type": "string", "format": "secret"],
            "ca_file": ["type": "string", "format": "path"],
            "headers": ["type": "object"],
            "proxy": [
                "type": "object", "required": ["host"],
                "properties": ["host": ["type": "string"], "port": ["type": "integer"]],
            ],
        ],
    ]

    private func source(_ lines: String) -> (settings: PluginSettings?, problems: [String]) {
        let (configuration, problems) = resolve(
            "[source.a]\nplugin = \"http\"\nurl = \"https://x.org\"\n\(lines)", Self.schema)
        return (configuration.sources.first?.settings, problems)
    }

    @Test func aTableWithAProblemIsCheckedToItsEnd() {
        let schema: JSONValue = ["properties": ["url": ["type": "string"]], "additionalProperties": false]
        let text = """
            [source.a]
            plugin = "http"
            uri = "http://mill.test/"
            every = "0s"
            [source.b]
            plugin = "http"
            """
        let (configuration, problems) = resolve(text, schema)
        #expect(
            problems == [
                "m.toml:3: [source.a] has no key 'uri', did you mean 'url'?",
                "m.toml:4: 'every' is 0s, give it at least 100ms",
            ])
        #expect(configuration.sources.map(\.name) == ["b"])
    }

    @Test func theFormThatPluginsExpect() {
        let (settings, problems) = source(
            """
            kind = "feed"
            delay = "1m"
            most = "512 KiB"
            count = 5
            ratio = 2
            deep = true
            tags = ["a", "b"]
            waits = ["1s", "500ms"]
            ca_file = "/etc/ca.pem"
            headers = { Accept = "text/html", X = 5 }
            [source.a.proxy]
            host = "h"
            """)
        #expect(problems.isEmpty)
        #expect(
            settings?.value == [
                "url": "https://x.org", "kind": "feed", "delay": .number(60), "most": 524_288, "count": 5, "ratio": 2,
                "deep": true, "tags": ["a", "b"], "waits": [.number(1), .number(0.5)], "ca_file": "/etc/ca.pem",
                "headers": ["Accept": "text/html", "X": 5], "proxy": ["host": "h"],
            ])
        #expect(settings?.secrets == [])
        #expect(source("most = 1000").settings?.value["most"] == 1000)
    }

    @Test(arguments: [
        ("ulr = 1", "m.toml:4: [source.a] has no key 'ulr', did you mean 'url'?"),
        ("evry = \"5m\"", "m.toml:4: [source.a] has no key 'evry', did you mean 'every'?"),
        ("kind = \"fed\"", "m.toml:4: 'kind' is \"fed\", did you mean \"feed\"?"),
        ("kind = \"zzzz\"", "m.toml:4: 'kind' is \"zzzz\", give it one of \"page\", \"feed\""),
        ("delay = \"500ms\"", "m.toml:4: 'delay' is 500ms, give it at least 1s"),
        ("delay = \"1h\"", "m.toml:4: 'delay' is 1h, give it at most 1m"),
        ("delay = 5", "m.toml:4: 'delay' is 5, give it a length of time"),
        ("delay = \"soon\"", "m.toml:4: 'delay' is \"soon\", give it a length of time"),
        ("most = \"2 MiB\"", "m.toml:4: 'most' is 2 MiB, give it at most 1 MiB"),
        ("most = -1", "m.toml:4: 'most' is -1, give it a size"),
        ("most = [1]", "m.toml:4: 'most' is a list, give it a string or an integer"),
        ("count = 6", "m.toml:4: 'count' is 6, give it at most 5"),
        ("count = 1.5", "m.toml:4: 'count' is 1.5, give it an integer"),
        ("ratio = nan", "m.toml:4: 'ratio' is no number that can be used"),
        ("ratio = inf", "m.toml:4: 'ratio' is no number that can be used"),
        ("deep = \"yes\"", "m.toml:4: 'deep' is \"yes\", give it true or false"),
        ("tags = \"a\"", "m.toml:4: 'tags' is \"a\", give it a list"),
        ("tags = [\n\"a\",\n5]", "m.toml:6: 'tags[1]' is 5, give it a string"),
        ("headers = { A = 2000-01-01 }", "m.toml:4: 'headers.A' is a date"),
        ("proxy = { port = 5 }", "m.toml:4: 'proxy' lacks the key 'host'"),
        ("proxy = { host = \"h\", prot = 5 }", "m.toml:4: 'proxy' has no key 'prot', did you mean 'port'?"),
        ("proxy = { host = \"h\", port = \"5\" }", "m.toml:4: 'proxy.port' is \"5\", give it an integer"),
        ("password = 12345", "m.toml:4: 'password' is a number, give it a string"),
        ("password_file = 5", "m.toml:4: 'password_file' is an integer"),
        (
            "password_file = \"/nowhere/secret\"",
            "m.toml:4: 'password_file': the file /nowhere/secret can't be read: No such"
        ),
        ("password_file = \"credential:../x\"", "m.toml:4: 'password_file': 'credential:../x' names no credential"),
        (
            "kind = \"${MILLRACE_SURELY_NOT_SET}\"",
            "m.toml:4: 'kind': the environment has no variable MILLRACE_SURELY_NOT_SET"
        ),
        ("kind = \"${\"", "m.toml:4: 'kind': '${' without '}'"),
        ("kind = \"${a-b}\"", "m.toml:4: 'kind': '${a-b}' names no variable"),
    ])
    func oneProblem(_ line: String, expected: String) {
        let (settings, problems) = source(line)
        #expect(settings == nil && problems.count == 1 && problems.first?.hasPrefix(expected) ?? false, "\(problems)")
    }

    @Test func whatIsRequired() {
        let (configuration, problems) = resolve("\n[source.a]\nplugin = \"http\"\n", Self.schema)
        #expect(configuration.sources.isEmpty)
        #expect(problems == ["m.toml:2: [source.a] lacks the key 'url', add url = … (the address)"])
        #expect(resolve("[source.a]\nplugin = \"http\"\nurl = \"no address\"\n", Self.schema).problems.count == 1)
    }

    @Test func oneBadSourceLeavesTheOthersAndTheSinks() {
        let (configuration, problems) = resolve(
            """
            [[sink]]
            plugin = "jsonl"
            url = "x:y"
            [source.jsonl]
            plugin = "http"
            [source.good]
            plugin = "http"
            url = "x:y"
            """, Self.schema)
        #expect(problems.count == 1 && configuration.sources.map(\.name) == ["good"] && configuration.sinks.count == 1)
    }

    @Test func aPluginThatCouldNotBeAskedTakesItsSourcesAlong() {
        let (configuration, problems) = parse("[source.a]\nplugin = \"http\"\n[[sink]]\nplugin = \"jsonl\"").resolved(
            schemas: ["jsonl": [:]])
        #expect(configuration.sources.isEmpty && configuration.sinks.count == 1 && problems.isEmpty)
    }

    @Test func openSchemasTakeAnything() {
        let text = "[source.a]\nplugin = \"http\"\nx = [{ y = 1 }]\n"
        #expect(resolve(text, [:]).configuration.sources.first?.settings.value == ["x": [["y": 1]]])
        #expect(resolve(text, ["properties": ["z": [:]]]).problems.count == 1)
        #expect(resolve(text, ["properties": ["z": [:]], "additionalProperties": true]).problems.isEmpty)
        #expect(resolve(text, ["additionalProperties": ["type": "string"]]).problems.count == 1)
        #expect(
            resolve("[source.a]\nplugin = \"push\"\nx = 1\n", [:]).problems == [
                "m.toml:3: [source.a] has no key 'x', leave it out: the plugin 'push' has no settings"
            ])
    }

    /// A plugin may publish anything as its schema.
    @Test(
        arguments: [
            nil, 5, [], ["properties": 5], ["properties": ["url": 5]], ["required": "url"],
            ["properties": ["url": ["type": 5]]],
            ["properties": ["url": ["enum": []]]], ["properties": ["url": ["type": "unicorn"]]],
            ["properties": ["url": ["format": 7, "minimum": "x"]]], ["properties": ["url": ["items": 3]]],
        ] as [JSONValue])
    func strangeSchemas(_ schema: JSONValue) {
        let (configuration, problems) = resolve("[source.a]\nplugin = \"http\"\nurl = \"x:y\"\nn = [[1.5]]\n", schema)
        #expect(configuration.sources.count == (problems.isEmpty ? 1 : 0))
    }

    @Test func pathsDoNotDependOnWhereTheDaemonRuns() throws {
        let directory = TemporaryDirectory()
        let main = try directory.write("m.toml", "[source.a]\nplugin = \"http\"\nurl = \"x:y\"\nca_file = \"ca.pem\"\n")
        let (configuration, _) = Loader.load(file: main, knownPlugins: ["http"]).resolved(schemas: ["http": Self.schema]
        )
        #expect(configuration.sources.first?.settings.value["ca_file"] == .string("\(directory.path)/ca.pem"))
        let built = source("ca_file = \"ca.pem\"").settings?.value["ca_file"]?.string ?? ""
        #expect(built.hasPrefix("/") && built.hasSuffix("/ca.pem"))
    }
}
