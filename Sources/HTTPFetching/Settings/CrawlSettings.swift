/// How far links are followed from a page.
struct CrawlSettings: Sendable {
    /// Patterns of paths, one of which must match; none: every path.
    var include: [RobotsPattern] = []
    /// Patterns of paths that are not followed.
    var exclude: [RobotsPattern] = []
    /// Links in a row from a configured page.
    var depth = 3

    /// Work that matching one address may cost.
    private static let mostSteps = 100_000
    /// Ends of paths that are no pages.
    private static let otherFiles: Set<String> = [
        "7z", "apk", "avi", "avif", "bmp", "bz2", "css", "deb", "dmg", "eot", "exe", "flac", "gif", "gz", "ico", "iso",
        "jar", "jpeg", "jpg", "js", "json", "m4a", "m4v", "mjs", "mov", "mp3", "mp4", "mpeg", "msi", "ogg", "ogv",
        "opus",
        "otf", "png", "rar", "rpm", "svg", "tar", "tgz", "tif", "tiff", "ttf", "wav", "webm", "webp", "wmv", "woff",
        "woff2", "xz", "zip", "zst",
    ]

    /// Whether a page is one that the source is meant to hold.
    func includes(_ address: WebAddress) -> Bool {
        let path = RobotsPattern.uniform(address.requestTarget.utf8, isPattern: false)
        var steps = Self.mostSteps
        func matches(_ patterns: [RobotsPattern]) -> Bool { patterns.contains { $0.matches(path, steps: &steps) } }
        return (include.isEmpty || matches(include)) && !matches(exclude)
    }

    /// Whether a link is worth following.
    func follows(_ address: WebAddress) -> Bool {
        let path = address.requestTarget.prefix { $0 != "?" }
        let name = path.split(separator: "/").last ?? ""
        if let dot = name.lastIndex(of: "."), Self.otherFiles.contains(name[name.index(after: dot)...].lowercased()) {
            return false
        }
        return includes(address)
    }
}
