import Configuration
import Glibc
import TestSupport
import Testing

@Suite struct FilesTests {
    @Test func mainAndSourceFiles() throws {
        let directory = TemporaryDirectory()
        let main = try directory.write("m.toml", "[source.main]\nplugin = \"http\"\n")
        _ = try directory.write("sources.d/b.toml", "[source.b]\nplugin = \"http\"\n")
        _ = try directory.write("sources.d/a.toml", "[source.a]\nplugin = \"http\"\n")
        _ = try directory.write("sources.d/c.toml.disabled", "[source.c]\nplugin = \"http\"\n")
        _ = try directory.write("sources.d/.d.toml", "[source.d]\nplugin = \"http\"\n")
        let parsed = Loader.load(file: main, knownPlugins: ["http"])
        #expect(parsed.problems.isEmpty)
        #expect(parsed.configuration.sources.map(\.name) == ["main", "a", "b"])
        #expect(parsed.configuration.sources.map(\.file).last == "\(directory.path)/sources.d/b.toml")
    }

    @Test func aBadFileCostsItselfOnly() throws {
        let directory = TemporaryDirectory()
        let main = try directory.write("m.toml", "[daemon]\nsources = \"s\"\n")
        _ = try directory.write("s/1.toml", "[source.a]\nplugin = \"http\"\nevery = \n")
        _ = try directory.write("s/2.toml", bytes: Array("[source.b]\n# ".utf8) + [0xFF])
        _ = try directory.write("s/3.toml", "[source.c]\nplugin = \"http\"\n")
        _ = try directory.write("s/4.toml", "[[sink]]\nplugin = \"jsonl\"\n[daemon]\nworkers = 1\n")
        _ = try directory.write("s/5.toml", String(repeating: "#", count: (1 << 20) + 1))
        try #require(mkfifo("\(directory.path)/s/6.toml", 0o600) == 0)
        try #require(mkdir("\(directory.path)/s/7.toml", 0o700) == 0)
        let parsed = Loader.load(file: main, knownPlugins: ["http", "jsonl"])
        #expect(parsed.configuration.sources.map(\.name) == ["c"])
        let found = parsed.problems.map { "\($0.file.dropFirst(directory.path.count + 3)):\($0.line) \($0.what)" }
        #expect(found.count == 7)
        #expect(found[0].hasPrefix("1.toml:3 this is no TOML"))
        #expect(found[1] == "2.toml:2 this is no UTF-8")
        #expect(
            found[2] == "4.toml:3 a source file has no 'daemon'" && found[3] == "4.toml:1 a source file has no 'sink'")
        #expect(found[4] == "5.toml:0 is larger than 1 MiB")
        #expect(found[5] == "6.toml:0 is no regular file" && found[6] == "7.toml:0 is no regular file")
    }

    @Test func whatIsNotThere() throws {
        let directory = TemporaryDirectory()
        #expect(
            Loader.load(file: "\(directory.path)/no.toml", knownPlugins: []).problems.map(\.description) == [
                "\(directory.path)/no.toml: can't be read: No such file or directory, check the path"
            ])
        #expect(Loader.load(file: "/etc/pass\0wd", knownPlugins: []).problems.first?.what == "is no path")
        let main = try directory.write("m.toml", "\n[daemon]\nsources = \"no\"\n")
        let found = Loader.load(file: main, knownPlugins: []).problems
        #expect(found.count == 1 && found.first?.file == main && found.first?.line == 3)
    }

    @Test(.enabled(if: getuid() != 0, "the superuser may read everything")) func whatMayNotBeRead() throws {
        let directory = TemporaryDirectory()
        let main = try directory.write("m.toml", "")
        chmod(main, 0)
        #expect(Loader.load(file: main, knownPlugins: []).problems.first?.what == "can't be read: Permission denied")
    }
}
