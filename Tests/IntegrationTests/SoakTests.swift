import Glibc
import Testing

/// The soak tests, a few turns each; `make soak` has them at full length.
@Suite(
    .serialized, .enabled(if: RunningDaemon.isBuilt && hasPython, "the programs are not built, or there is no python3"))
struct SoakTests {
    private static let scripts: String = {
        let file = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return file.dropLast(3).joined(separator: "/") + "/Soak"
    }()

    let directory = Workspace()

    @discardableResult
    private func run(_ command: String) throws -> String {
        let output = directory.path("output")
        let process = try Process(
            ["/bin/sh", "-c", "cd \(Self.scripts) && MILLRACE_PROGRAMS=\(RunningDaemon.programs) \(command)"],
            errors: directory.path("errors"), output: output)
        #expect(process.waitForEnd() == 0, "\(directory.read("output")) \(directory.read("errors"))")
        #expect(!directory.read("output").isEmpty)
        return directory.read("output")
    }

    /// A debug build needs minutes for them.
    private static let histories = "\(scripts)/../.build/release/log-histories"
    private static let hasHistories = access(histories, X_OK) == 0

    @Test(.enabled(if: hasHistories, "the release programs are not built"))
    func logsKeepTheirPromisesOnASimulatedDisk() throws {
        // Others each time; the seeds are in the output.
        print(try run("\(Self.histories) 3000"), terminator: "")
    }

    @Test(.enabled(if: hasHistories, "the release programs are not built"))
    func plantedFaultsOfAFileSystemAreFound() throws { try run("\(Self.histories) faults") }

    @Test func killedUnderLoadNothingIsLostOrDoubled() throws { try run("COUNT=8 SEED=1 python3 kill_daemon.py") }

    @Test func afterPowerLossAllIsThereThatWasAcknowledged() throws {
        try run("COUNT=8 SEED=1 python3 power_loss.py")
    }

    @Test func afterPowerLossTheWholeDaemonGoesOn() throws {
        try run("COUNT=3 SEED=1 python3 power_loss_daemon.py ext4")
    }

    @Test func afterErrorsOfTheDiskAllIsThereThatWasAcknowledged() throws {
        try run("COUNT=2 SEED=1 python3 io_error.py ext4")
    }

    @Test func aFullDiskIsWaitedOut() throws { try run("COUNT=1 python3 full_disk.py ext4") }

    @Test func sinksMayDieWhileTheyDeliver() throws {
        try run("TIMES=1 python3 kill_children.py millrace-deliver-jsonl")
    }
}
