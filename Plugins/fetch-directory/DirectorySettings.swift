import JSON
import PluginKit
import PluginProtocol

/// What a source says of its directory.
struct DirectorySettings {
    var path: String
    var isRecursive: Bool
    var takesHidden: Bool
    var watches: Bool
    /// Seconds.
    var rescan: Double
    /// Seconds.
    var settle: Double
    var maximumSize: Int
    var records: RecordFraming?
    var mediaType: String?
    private var include: [Glob]
    private var exclude: [Glob]

    init(_ job: Job) throws {
        let settings = job.settings
        guard let path = settings["path"]?.string else {
            throw FetchError(.configuration, "no path", remedy: "set 'path'")
        }
        func globs(_ key: String) -> [Glob] { (settings[key]?.array ?? []).compactMap(\.string).map(Glob.init) }
        self.path = path
        isRecursive = settings["recursive"]?.bool ?? true
        takesHidden = settings["hidden"]?.bool ?? false
        watches = settings["watch"]?.bool ?? true
        rescan = settings["rescan"]?.number ?? 600
        settle = settings["settle"]?.number ?? 2
        maximumSize = min(Int(clamping: settings["max_size"]?.integer ?? 64 << 20), job.maximumItemSize)
        records = settings["records"]?.string.flatMap(RecordFraming.init)
        mediaType = settings["media_type"]?.string
        include = globs("include")
        exclude = globs("exclude")
    }

    func takes(file path: String) -> Bool {
        if exclude.contains(where: { $0.matches(path) }) { return false }
        return include.isEmpty || include.contains { $0.matches(path) }
    }

    func enters(directory path: String) -> Bool {
        isRecursive && !exclude.contains { $0.matches(path) || $0.matches(path + "/") }
    }

    func framing(of path: String) -> RecordFraming {
        if let records { return records }
        let name = path.lowercased()
        return name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson") ? .json : .whole
    }
}
