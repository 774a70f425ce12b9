import CTOML

/// A value of a TOML document and the line it stands in.
struct TOMLNode: Sendable {
    indirect enum Value: Sendable {
        case table([Member])
        case array([TOMLNode])
        case string(String)
        case integer(Int64)
        case number(Double)
        case boolean(Bool)
        /// A date or time, which no setting is.
        case other
    }

    struct Member: Sendable {
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
    private struct Open {
        var key: String
        var keyLine: Int
        var keyColumn: Int
        var node: TOMLNode
    }
    private var stack: [Open] = []
    private(set) var root: TOMLNode?

    func visit(_ event: millrace_toml_event) {
        let key = event.key.map { Self.text($0, event.key_length) } ?? ""
        var node = TOMLNode(value: .other, line: Int(event.line), column: Int(event.column))
        switch event.kind {
        case MILLRACE_TOML_TABLE, MILLRACE_TOML_ARRAY:
            node.value = event.kind == MILLRACE_TOML_TABLE ? .table([]) : .array([])
            stack.append(Open(key: key, keyLine: Int(event.key_line), keyColumn: Int(event.key_column), node: node))
            return
        case MILLRACE_TOML_END:
            if let closed = stack.popLast() {
                add(closed.node, key: closed.key, line: closed.keyLine, column: closed.keyColumn)
            }
            return
        case MILLRACE_TOML_STRING: node.value = .string(event.text.map { Self.text($0, event.text_length) } ?? "")
        case MILLRACE_TOML_INTEGER: node.value = .integer(event.integer)
        case MILLRACE_TOML_NUMBER: node.value = .number(event.number)
        case MILLRACE_TOML_BOOLEAN: node.value = .boolean(event.integer != 0)
        default: break
        }
        add(node, key: key, line: Int(event.key_line), column: Int(event.key_column))
    }

    private func add(_ node: TOMLNode, key: String, line: Int, column: Int) {
        guard let last = stack.indices.last else {
            root = node
            return
        }
        switch stack[last].node.value {
        case .table(var members):
            stack[last].node.value = .other
            members.append(TOMLNode.Member(key: key, line: line == 0 ? node.line : line, column: column, node: node))
            stack[last].node.value = .table(members)
        case .array(var elements):
            stack[last].node.value = .other
            elements.append(node)
            stack[last].node.value = .array(elements)
        default: break
        }
    }

    private static func text(_ start: UnsafePointer<CChar>, _ count: Int) -> String {
        start.withMemoryRebound(to: UInt8.self, capacity: count) {
            String(decoding: UnsafeBufferPointer(start: $0, count: count), as: UTF8.self)
        }
    }
}
