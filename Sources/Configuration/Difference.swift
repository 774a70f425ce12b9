/// What a reload has to do.
public struct Difference: Sendable, Equatable {
    /// What is only in the new one.
    public var added: [String] = []
    /// What is only in the old one.
    public var removed: [String] = []
    /// What is in both, but otherwise.
    public var changed: [String] = []
    /// What is in both and the same.
    public var unchanged: [String] = []
    /// Sources and sinks that are as before, but whose plugin's program is another or runs otherwise.
    public var affected: [String] = []
    /// Keys that take effect only after a restart.
    public var needsRestart: [String] = []

    /// Compares two configurations. Sources are named as they are, sinks and plugins with their kind before them.
    public init(from old: Configuration, to new: Configuration) {
        compare(old.sources, new.sources, \.name, "") { $0.isSame(as: $1) }
        compare(old.sinks, new.sinks, \.name, "sink ") { $0 == $1 }
        compare(old.plugins.map { ($0.key, $0.value) }, new.plugins.map { ($0.key, $0.value) }, \.0, "plugin ") {
            $0.1 == $1.1
        }
        let settings: [(String, Bool)] = [
            ("state_directory", old.daemon.stateDirectory == new.daemon.stateDirectory),
            ("control_socket", old.daemon.controlSocket == new.daemon.controlSocket),
            ("plugin_directory", old.daemon.pluginDirectory == new.daemon.pluginDirectory),
            ("workers", old.daemon.workers == new.daemon.workers),
            ("worker_memory", old.daemon.workerMemory == new.daemon.workerMemory),
            ("worker_timeout", old.daemon.workerTimeout == new.daemon.workerTimeout),
            ("sync", old.log.syncInterval == new.log.syncInterval),
            ("segment_size", old.log.segmentSize == new.log.segmentSize),
        ]
        needsRestart = settings.filter { !$0.1 }.map(\.0)
        var plugins = Set(old.plugins.keys).union(new.plugins.keys).filter { old.plugins[$0] != new.plugins[$0] }
        switch (old.webSub, new.webSub) {
        case (nil, nil): break
        case (nil, _): added.append("websub")
        case (_, nil): removed.append("websub")
        case (let before, let after): if before != after { changed.append("websub") }
        }
        if old.webSub != new.webSub { plugins.insert("http") }
        let same = Set(unchanged)
        affected =
            (new.sources.filter { plugins.contains($0.plugin) }.map(\.name)
            + new.sinks.filter { plugins.contains($0.plugin) }.map { "sink " + $0.name })
            .filter(same.contains).sorted()
    }

    private mutating func compare<Element>(
        _ old: [Element], _ new: [Element], _ name: (Element) -> String, _ prefix: String,
        isSame: (Element, Element) -> Bool
    ) {
        let before = Dictionary(old.map { (name($0), $0) }) { $1 }
        let after = Dictionary(new.map { (name($0), $0) }) { $1 }
        added += after.keys.filter { before[$0] == nil }.sorted().map { prefix + $0 }
        removed += before.keys.filter { after[$0] == nil }.sorted().map { prefix + $0 }
        for (key, left) in before.sorted(by: { $0.key < $1.key }) {
            guard let right = after[key] else { continue }
            if isSame(left, right) { unchanged.append(prefix + key) } else { changed.append(prefix + key) }
        }
    }
}
