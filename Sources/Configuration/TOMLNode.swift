import CTOML

/// A value of a TOML document and the line it stands in.
struct TOMLNode: Sendable, Equatable {
    enum Value: Sendable, Equatable {
        case table([Member])
        case array([TOMLNode])
        case string(String)
        case integer(Int64)
        case number(Double)
        case boolean(Bool)
        /// A date or time, which no setting is.
        case other
    }

    struct Member: Sendable, Equatable {
        var key: String
        var line: Int
        var column: Int
        var node: TOMLNode
    }

    var value: Value
    var line: Int
    var column: Int

    /// What kind of value this is, for people.
    var kind: String {
        switch value {
        case .table: "a table"
        case .array: "a list"
        case .string: "a string"
        case .integer: "an integer"
        case .number: "a number"
        case .boolean: "true or false"
        case .other: "a date"
        }
    }

    /// Parses a document (TOML 1.0).
    static func parse(_ text: [UInt8], file: String) throws(Problem) -> TOMLNode {
        if let plain = PlainTables.read(text) { return plain }
        return try parseAny(text, file: file)
    }

    /// Parses a document with toml++.
    static func parseAny(_ text: [UInt8], file: String) throws(Problem) -> TOMLNode {
        let builder = TreeBuilder()
        var line: UInt32 = 0
        var column: UInt32 = 0
        var message = [CChar](repeating: 0, count: 512)
        let parsed = text.withUnsafeBytes { bytes in
            millrace_toml_parse(
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count,
                Unmanaged.passUnretained(builder).toOpaque(),
                { context, event in
                    guard let context, let event else { return }
                    Unmanaged<TreeBuilder>.fromOpaque(context).takeUnretainedValue().visit(event.pointee)
                }, &line, &column, &message, message.count)
        }
        guard parsed, let root = builder.root else {
            let what = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw syntaxProblem(what, text, file: file, line: Int(line), column: Int(column))
        }
        return root
    }
}

/// Puts the events of a walk together to a tree.
private final class TreeBuilder {
    /// A table or list whose end has not been seen. Its content is not yet in an enumeration, where it could not grow in
    /// place.
    private struct Open {
        var start: millrace_toml_event
        var key: String
        var members: [TOMLNode.Member] = []
        var elements: [TOMLNode] = []
    }
    private var stack: [Open] = []
    private(set) var root: TOMLNode?

    func visit(_ event: millrace_toml_event) {
        switch event.kind {
        case MILLRACE_TOML_TABLE, MILLRACE_TOML_ARRAY: stack.append(Open(start: event, key: Self.key(of: event)))
        case MILLRACE_TOML_END:
            guard let closed = stack.popLast() else { return }
            let isTable = closed.start.kind == MILLRACE_TOML_TABLE
            add(isTable ? .table(closed.members) : .array(closed.elements), key: closed.key, closed.start)
        case MILLRACE_TOML_STRING:
            add(.string(event.text.map { Self.text($0, event.text_length) } ?? ""), event)
        case MILLRACE_TOML_INTEGER: add(.integer(event.integer), event)
        case MILLRACE_TOML_NUMBER: add(.number(event.number), event)
        case MILLRACE_TOML_BOOLEAN: add(.boolean(event.integer != 0), event)
        default: add(.other, event)
        }
    }

    private func add(_ value: TOMLNode.Value, key: String? = nil, _ event: millrace_toml_event) {
        let node = TOMLNode(value: value, line: Int(event.line), column: Int(event.column))
        guard let last = stack.indices.last else {
            root = node
            return
        }
        guard stack[last].start.kind == MILLRACE_TOML_TABLE else {
            stack[last].elements.append(node)
            return
        }
        stack[last].members.append(
            TOMLNode.Member(
                key: key ?? Self.key(of: event), line: Int(event.key_line == 0 ? event.line : event.key_line),
                column: Int(event.key_column), node: node))
    }

    private static func key(of event: millrace_toml_event) -> String {
        event.key.map { text($0, event.key_length) } ?? ""
    }

    private static func text(_ start: UnsafePointer<CChar>, _ count: Int) -> String {
        start.withMemoryRebound(to: UInt8.self, capacity: count) {
            String(decoding: UnsafeBufferPointer(start: $0, count: count), as: UTF8.self)
        }
    }
}
