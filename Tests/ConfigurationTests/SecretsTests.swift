import Glibc
import JSON
import TestSupport
import Testing

@testable import Configuration

@Suite struct SecretsTests {
    private let schema: JSONValue = [
        "properties": [
            "password": ["type": "string", "format": "secret", "enum": ["hunter2", "fort:y"]],
            "pin": ["type": "integer", "format": "secret", "maximum": 3],
            "address": ["type": "string"], "port": ["type": "integer"], "ratio": ["type": "number"],
            "on": ["type": "boolean"],
            "headers": ["type": "object"],
        ]
    ]

    private func settings(_ lines: String, environment: [String: String] = [:], directory: String = "/") throws -> (
        PluginSettings, [String]
    ) {
        let root = try TOMLNode.parse(Array(lines.utf8), file: "m")
        guard case .table(let members) = root.value else { throw Interpolation.Failure(what: "no table", remedy: "") }
        let checker = SettingsSchema(
            schema: schema, plugin: "p", directory: directory, commonKeys: [], environment: { environment[$0] })
        let (settings, problems) = checker.resolve(members, file: "m", line: 1, title: "t")
        return (settings, problems.map(\.description))
    }

    private func everythingShown(_ value: Any) -> String {
        var text = "\(value) \(String(reflecting: value)) "
        dump(value, to: &text)
        return text
    }

    @Test func secretsAreNeverShown() throws {
        let text = """
            [plugin.x]
            command = ["x"]
            environment = { TOKEN = "hunter2" }
            [[sink]]
            plugin = "jsonl"
            password = "hunter2"
            address = "a"
            [source.a]
            plugin = "http"
            password = "hunter2"
            address = "a"
            """
        let (configuration, problems) = resolve(text, schema)
        #expect(problems.isEmpty)
        let source = try #require(configuration.sources.first)
        #expect(source.settings.value["password"] == "hunter2")
        #expect(source.settings.redacted == ["password": "(secret)", "address": "a"])
        for value in [configuration, source, configuration.sinks, configuration.plugins] as [Any] {
            #expect(!everythingShown(value).contains("hunter2"))
        }
    }

    @Test func problemsDoNotShowThemEither() throws {
        let (_, problems) = try settings("password = \"swordfish\"\npin = 1234")
        #expect(problems.count == 2 && !problems.joined().contains("swordfish") && !problems.joined().contains("1234"))
        let (_, foreign) = try settings("port = \"${P}\"", environment: ["P": "swordfish"])
        #expect(foreign.count == 1 && !foreign.joined().contains("swordfish"))
    }

    @Test func theEnvironment() throws {
        let variables = ["A": "x", "PORT": "80", "ON": "true", "RATIO": "0.5", "DOLLAR": "${A}"]
        let (found, problems) = try settings(
            """
            address = "<${A}${A}> $$ $${A} $5 ${DOLLAR} $"
            port = "${PORT}"
            on = "${ON}"
            ratio = "${RATIO}"
            headers = { Authorization = "Bearer ${A}" }
            """, environment: variables)
        #expect(problems.isEmpty)
        #expect(
            found.value == [
                "address": "<xx> $ ${A} $5 ${A} $", "port": 80, "on": true, "ratio": .number(0.5),
                "headers": ["Authorization": "Bearer x"],
            ])
        #expect(found.secrets == ["address", "port", "on", "ratio", "headers"])
        #expect(try settings("port = \"80\"").1.count == 1)
    }

    @Test func files() throws {
        let directory = TemporaryDirectory()
        _ = try directory.write("one", "hunter2\n")
        let two = try directory.write("two", "fort:y\r\n")
        _ = try directory.write("empty", "\n")
        _ = try directory.write("binary", bytes: [0xFF, 0xFE])
        _ = try directory.write("large", String(repeating: "x", count: 70_000))
        _ = try directory.write("dollar", "${A}\n\n")
        func read(_ line: String) throws -> (PluginSettings, [String]) {
            try settings(line, environment: ["CREDENTIALS_DIRECTORY": directory.path], directory: directory.path)
        }
        #expect(
            try read("password_file = \"one\"").0
                == PluginSettings(value: ["password": "hunter2"], secrets: ["password"]))
        #expect(try read("password_file = \"\(two)\"").0.value == ["password": "fort:y"])
        #expect(try read("password_file = \"credential:one\"").0.value == ["password": "hunter2"])
        // A file's content is taken as it is.
        #expect(
            try read("address_file = \"dollar\"").0
                == PluginSettings(value: ["address": "${A}\n"], secrets: ["address"]))
        for name in [
            "empty", "binary", "large", "none", "", ".", "credential:", "credential:..", "credential:none",
            "one\\u0000",
        ] {
            let (_, problems) = try read("password_file = \"\(name)\"")
            #expect(problems.count == 1, "\(name): \(problems)")
        }
        #expect(try read("password = \"hunter2\"\npassword_file = \"one\"").1.count == 1)
        #expect(try settings("password_file = \"credential:one\"").1.first?.contains("LoadCredential=one:") == true)
        // Only text can come from a file.
        #expect(try read("port_file = \"one\"").1.first?.contains("no key 'port_file'") == true)
    }
}
