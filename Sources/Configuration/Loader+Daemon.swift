import PluginProtocol

/// The tables `[daemon]`, `[log]` and `[plugin.NAME]`.
extension Loader {
    static func readDaemon(_ member: TOMLNode.Member, _ file: String, _ parsed: inout ParsedConfiguration) {
        var reader = TableReader(member.node, file: file, title: "[daemon]", line: member.line)
        var daemon = DaemonSettings()
        daemon.stateDirectory = reader.string("state_directory")
        daemon.controlSocket = reader.string("control_socket")
        daemon.sourcesDirectory = reader.string("sources")
        daemon.pluginDirectory = reader.string("plugin_directory")
        daemon.workers = reader.integer("workers", in: 1...256).map(Int.init)
        if let memory = reader.size("worker_memory", atLeast: 64 << 20) { daemon.workerMemory = memory }
        if let timeout = reader.duration("worker_timeout", atLeast: 1) { daemon.workerTimeout = timeout }
        if let level = reader.choice("log_level", LogLevel.self) { daemon.logLevel = level }
        if let format = reader.choice("log_format", ["auto", "journal", "terminal", "json"]) {
            daemon.logFormat = format
        }
        reader.finish()
        parsed.sourcesLine = reader.line(of: "sources")
        parsed.problems += reader.problems
        parsed.configuration.daemon = daemon
    }

    private enum SyncChoice: String, CaseIterable { case always, interval }

    static func readLog(_ member: TOMLNode.Member, _ file: String, _ parsed: inout ParsedConfiguration) {
        var reader = TableReader(member.node, file: file, title: "[log]", line: member.line)
        var log = LogSettings()
        let choice = reader.choice("sync", SyncChoice.self) ?? .always
        let interval = reader.duration("sync_interval", atLeast: 0.001, atMost: 3600)
        if choice == .interval { log.syncInterval = interval ?? 1 }
        if choice == .always, interval != nil {
            reader.note(
                key: "sync_interval", "'sync_interval' has no effect", "write sync = \"interval\", or leave it out")
        }
        if let size = reader.size("segment_size", atLeast: 1 << 16, atMost: 4 << 30) { log.segmentSize = size }
        if let compression = reader.choice("compression", LogSettings.Compression.self) {
            log.compression = compression
        }
        log.keepFor = reader.duration("keep_for", atLeast: 1)
        log.keepSize = reader.size("keep_size", atLeast: 0)
        log.maximumSize = reader.size("max_size")
        if let maximum = log.maximumSize, maximum < 4 * log.segmentSize {
            reader.note(
                key: "max_size", "'max_size' is \(SizeText.format(maximum))",
                "give it at least four times 'segment_size', \(SizeText.format(4 * log.segmentSize))")
        }
        let whenFull = reader.choice("when_full", LogSettings.WhenFull.self)
        if whenFull != nil, log.maximumSize == nil, reader.problems.isEmpty {
            reader.note(key: "when_full", "'when_full' has no effect", "write max_size = \"10 GiB\", or leave it out")
        }
        log.whenFull = whenFull ?? .block
        reader.finish()
        parsed.problems += reader.problems
        parsed.configuration.log = log
    }

    static func readPlugin(_ member: TOMLNode.Member, _ file: String, _ parsed: inout ParsedConfiguration) {
        var reader = TableReader(
            member.node, file: file, title: "[plugin.\(member.key)]", line: member.line)
        if member.key == SourceConfiguration.pushPlugin {
            reader.note(member.line, "the plugin '\(member.key)' is the daemon's own", "choose another name")
        }
        let command = reader.strings("command") ?? []
        if command.first?.isEmpty ?? true, reader.problems.isEmpty {
            reader.note(
                key: "command", "[plugin.\(member.key)] has no command", "write command = [\"/path/to/program\"]")
        }
        var plugin = PluginCommand(command: command, memory: reader.size("memory", atLeast: 1 << 20))
        if let environment = reader.stringTable("environment", example: "{ LANG = \"C.UTF-8\" }") {
            for (name, value) in environment
            where name.isEmpty || name.utf8.contains(UInt8(ascii: "=")) || name.utf8.contains(0)
                || value.utf8.contains(0)
            {
                reader.note(
                    key: "environment", "'\(name.prefix(80))' can't be a variable of an environment",
                    "leave out '=' and NUL")
            }
            plugin.environment = environment
        }
        reader.finish()
        parsed.problems += reader.problems
        if reader.problems.isEmpty { parsed.configuration.plugins[member.key] = plugin }
    }
}
