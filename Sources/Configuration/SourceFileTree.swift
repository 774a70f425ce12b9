/// A source file, read and taken apart but not looked at, or what keeps it from that.
///
/// That takes as long as looking at it, and needs nothing else, so that another processor can do it meanwhile.
public struct SourceFileTree: Sendable {
    /// The file's path.
    public let file: String
    let content: Result<TOMLNode, Problem>

    /// Files, and bytes of files, that are taken apart together.
    private static let (mostFiles, mostBytes) = (64, 128 << 10)

    /// Reads a file.
    public init(_ file: String) {
        var size = 0
        self.init(file, &size)
    }

    private init(_ file: String, _ size: inout Int) {
        self.file = file
        do throws(Problem) {
            let text = try ConfigurationFile.read(file, limit: ConfigurationFile.limit)
            size += text.count
            content = .success(try Loader.tree(of: text, file: file))
        } catch {
            content = .failure(error)
        }
    }

    /// Reads the first of several files, as many as may be in memory before they are looked at.
    public static func first(of files: ArraySlice<String>) -> [SourceFileTree] {
        var trees: [SourceFileTree] = []
        var size = 0
        for file in files {
            guard size < mostBytes, trees.count < mostFiles else { break }
            trees.append(SourceFileTree(file, &size))
        }
        return trees
    }
}
