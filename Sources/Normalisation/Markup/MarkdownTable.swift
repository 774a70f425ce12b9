/// A table of GitHub's Markdown: rows of cells of one line each.
struct MarkdownTable {
    private(set) var caption: ArraySlice<RichContent.Part>?
    /// What each cell holds; those that spanned cells cover are empty.
    private(set) var rows: [[[UInt8]]] = []
    private var hasHeader = false

    /// Columns that spanning cells may reach; it keeps a small table from becoming a large one.
    private static let widestSpan = 32

    /// The table of the parts between its begin and end.
    init(_ parts: ArraySlice<RichContent.Part>, of content: RichContent) {
        /// Rows that a cell above still covers, by column.
        var covered: [Int] = []
        var row: [[UInt8]] = []
        var isHeader = true
        var begin = parts.startIndex
        func passCovered() {
            while row.count < covered.count, covered[row.count] > 0 {
                covered[row.count] -= 1
                row.append([])
            }
        }
        for (index, part) in zip(parts.indices, parts) {
            switch part {
            case .begin(.row):
                row = []
                isHeader = true
            case .begin(.cell), .begin(.tableCaption): begin = index + 1
            case .end(.tableCaption): caption = parts[begin..<index]
            case .end(.cell(let header, let columns, let height)):
                passCovered()
                isHeader = isHeader && header
                let column = row.count
                row.append(
                    MarkdownLine.write(parts[begin..<index], of: content, breaks: .spaces, isInTable: true))
                while row.count < min(column + columns, Self.widestSpan) { row.append([]) }
                if height > 1, row.count <= Self.widestSpan {
                    while covered.count < row.count { covered.append(0) }
                    for place in column..<row.count { covered[place] = height - 1 }
                }
            case .end(.row):
                passCovered()
                if rows.isEmpty { hasHeader = isHeader && !row.isEmpty }
                rows.append(row)
            default: break
            }
        }
    }

    /// The table line by line; where the first row is no heading, an empty one stands above it.
    var lines: [[UInt8]] {
        let columns = max(rows.reduce(0) { max($0, $1.count) }, 1)
        var lines: [[UInt8]] = []
        lines.reserveCapacity(rows.count + 2)
        lines.append(Self.line(hasHeader ? rows.first ?? [] : [], columns: columns))
        lines.append(Array("|".utf8) + (0..<columns).flatMap { _ in Array(" --- |".utf8) })
        for row in rows.dropFirst(hasHeader ? 1 : 0) { lines.append(Self.line(row, columns: row.count)) }
        return lines
    }

    private static func line(_ row: [[UInt8]], columns: Int) -> [UInt8] {
        var line = Array("|".utf8)
        for column in 0..<columns {
            line.append(0x20)
            if column < row.count {
                line += row[column]
                if !row[column].isEmpty { line.append(0x20) }
            }
            line.append(UInt8(ascii: "|"))
        }
        return line
    }
}
