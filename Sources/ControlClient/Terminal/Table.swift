/// Rows under headings, aligned by columns; the last column is cut at the edge of the terminal.
public struct Table: Sendable {
    /// One field.
    public struct Cell: Sendable, ExpressibleByStringLiteral {
        var text: String
        var role: Style.Role?

        /// A field; its text is made safe here.
        public init(_ text: String, _ role: Style.Role? = nil) {
            self.text = TerminalText.line(text)
            self.role = role
        }

        /// A field of fixed text.
        public init(stringLiteral value: String) { self.init(value) }

        /// A count.
        public init(_ count: some BinaryInteger, _ role: Style.Role? = nil) {
            self.init(Amounts.grouped(count), role)
        }
    }

    /// A heading; numbers stand on the right.
    public struct Column: Sendable, ExpressibleByStringLiteral {
        var title: String
        var isNumber: Bool

        /// A column of text.
        public init(stringLiteral value: String) {
            title = value
            isNumber = false
        }

        /// A column of numbers.
        public static func number(_ title: String) -> Column {
            var column = Column(stringLiteral: title)
            column.isNumber = true
            return column
        }
    }

    private let columns: [Column]
    private var rows: [[Cell]] = []

    /// A table without rows.
    public init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row; it has one cell for each column.
    public mutating func add(_ row: [Cell]) { rows.append(row) }

    /// The table's lines.
    public func render(_ style: Style) -> String {
        var widths = columns.map { $0.title.count }
        let measured = rows.map { row in row.map { TerminalText.width($0.text) } }
        for row in measured {
            for (index, width) in row.enumerated() where index < widths.count {
                widths[index] = max(widths[index], width)
            }
        }
        var result = ""
        let title = columns.enumerated().map { index, column in
            pad(column.title, width: column.title.count, to: widths[index], column, isLast: index == columns.count - 1)
        }
        result += style.apply(.faint, title.joined(separator: "  ")) + "\n"
        for (row, measure) in zip(rows, measured) {
            var line = ""
            var used = 0
            for (index, cell) in row.enumerated() where index < columns.count {
                let isLast = index == columns.count - 1
                var text = cell.text
                var width = measure[index]
                let room = style.columns - used
                if isLast, style.cuts, width > room, room > 10 {
                    text = TerminalText.cut(text, to: room)
                    width = room
                }
                line += pad(
                    style.apply(cell.role, text), width: width, to: widths[index], columns[index], isLast: isLast)
                used += max(width, widths[index]) + 2
                if !isLast { line += "  " }
            }
            result += line + "\n"
        }
        return result
    }

    private func pad(_ text: String, width: Int, to target: Int, _ column: Column, isLast: Bool) -> String {
        let space = String(repeating: " ", count: max(target - width, 0))
        if column.isNumber { return space + text }
        return isLast ? text : text + space
    }
}
