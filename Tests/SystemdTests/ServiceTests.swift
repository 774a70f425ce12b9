import Glibc
import Testing

/// The unit, as systemd itself sees it.
@Suite(.serialized) struct ServiceTests {
    private static let checkout: String = {
        let file = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return file.dropLast(3).joined(separator: "/")
    }()

    private static func has(_ program: String) -> Bool { run("command -v \(program)").status == 0 }

    /// The exit status of a shell's command, and all that it printed.
    private static func run(_ command: String) -> (status: Int32, output: String) {
        guard let stream = popen("{ \(command)\n} 2>&1", "r") else { return (-1, "no shell") }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&buffer, 1, buffer.count, stream)
            guard count > 0 else { break }
            output += buffer[..<count]
        }
        let status = pclose(stream)
        return (status & 0x7F == 0 ? status >> 8 & 0xFF : -1, String(decoding: output, as: UTF8.self))
    }

    /// `verify` wants programs that are there, so the unit is checked with others in their place.
    @Test(.enabled(if: has("systemd-analyze"), "systemd-analyze is not installed"))
    func theUnitIsVerified() {
        let command = """
            directory=$(mktemp -d) && trap 'rm -rf "$directory"' EXIT
            sed 's|/usr/bin/millrace[a-z]*|/bin/true|' '\(Self.checkout)/systemd/millraced.service' \
                > "$directory/millraced.service"
            systemd-analyze verify --man=no "$directory/millraced.service"
            """
        let (status, output) = Self.run("(\(command))")
        #expect(status == 0)
        #expect(output.isEmpty)
    }

    @Test(.enabled(if: has("systemd-analyze"), "systemd-analyze is not installed"))
    func theUnitIsLockedUp() throws {
        let unit = "\(Self.checkout)/systemd/millraced.service"
        let (_, output) = Self.run("systemd-analyze security --offline=true --no-pager '\(unit)'")
        let line = try #require(output.split(separator: "\n").first { $0.contains("Overall exposure level") })
        let level = try #require(line.split(separator: " ").compactMap { Double($0) }.first)
        #expect(level <= 1.5)
    }

    /// Needs root, systemd-nspawn and the release programs; the script says what is missing.
    @Test(
        .enabled(if: geteuid() == 0, "only root can boot a container"),
        .enabled(
            if: access("\(checkout)/.build/release/millraced", X_OK) == 0, "no release programs: run 'make build' first"
        ))
    func aBootedMachineTakesItsService() throws {
        let (status, output) = Self.run("'\(Self.checkout)/Tests/SystemdTests/boot-test.sh'")
        // 77 is the script's way to say that this machine can't do it.
        if status == 77 { return print(output) }
        #expect(status == 0, "\(output)")
    }
}
