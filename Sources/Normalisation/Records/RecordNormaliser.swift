import Charset
import Document
import Glibc
import JSON

/// Makes one document of each record: a line, a piece ended by NUL, or a JSON object.
///
/// Records come by the hundred thousand, so no tree and no ``Document`` is built for them: members are found where they
/// stand and written where they go.
struct RecordNormaliser {
    private let finisher: DocumentFinisher
    private let input: NormaliserInput
    private let mapping: RecordMapping
    private var result = NormaliserResult()
    private var writer: RecordWriter
    private var values = [RecordValue?](repeating: nil, count: RecordField.allCases.count)
    private var ranks = [Int](repeating: Int.max, count: RecordField.allCases.count)

    /// Records over this are rejected.
    static let maximumRecord = 32 << 20
    /// Rejected records that are told one by one; the rest is counted in one more line.
    static let maximumRejections = 100_000

    init(_ finisher: DocumentFinisher, _ input: NormaliserInput) {
        self.finisher = finisher
        self.input = input
        mapping = input.settings.fields.isEmpty ? .usual : RecordMapping(input.settings.fields)
        writer = RecordWriter(input)
    }

    /// Every record of the input.
    consuming func run() -> NormaliserResult {
        let bytes = decoded()
        let end: UInt8 = input.framing == .nul ? 0 : UInt8(ascii: "\n")
        var run = self
        run.result.body.reserveCapacity(bytes.count + bytes.count / 2)
        bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            var start = 0
            var number = run.input.firstRecord
            while start < buffer.count {
                let hit = memchr(base + start, Int32(end), buffer.count - start)
                let stop = hit.map { UnsafeRawPointer($0) - UnsafeRawPointer(base) } ?? buffer.count
                run.record(UnsafeBufferPointer(rebasing: buffer[start..<stop]), number)
                if start == 0 {
                    // As many as there will be in a piece of which all are as long as the first one.
                    run.result.documents.reserveCapacity(min(buffer.count / max(stop, 256) + 1, 4096))
                }
                start = stop + 1
                number &+= 1
            }
        }
        return run.result
    }

    /// The whole input as one JSON object, or as an array of them.
    consuming func runWhole() -> NormaliserResult {
        let bytes = decoded()
        var run = self
        let failure: String? = bytes.withUnsafeBufferPointer { buffer in
            var reader = JSONReader(buffer)
            do throws(JSONError) {
                guard try reader.peek() == .array else {
                    try reader.skipValue()
                    try reader.finish()
                    run.json(buffer, run.input.firstRecord)
                    return nil
                }
                var number = run.input.firstRecord
                try reader.readArray { (reader: inout JSONReader) throws(JSONError) in
                    run.json(try reader.skipValue(), number)
                    number &+= 1
                }
                try reader.finish()
                return nil
            } catch {
                return "not JSON: \(error)"
            }
        }
        if let failure { return .failed(failure) }
        if run.result.documents.isEmpty, let first = run.result.rejected.first { return .failed(first.reason) }
        return run.result
    }

    private func decoded() -> [UInt8] {
        let detection = EncodingDetection.detect(input.bytes, transport: input.declaredCharset, kind: .plain)
        return detection.isPlainUTF8 ? input.bytes : Decoder.decode(input.bytes, as: detection.encoding)
    }

    // MARK: - One record

    private mutating func record(_ bytes: UnsafeBufferPointer<UInt8>, _ number: Int64) {
        var end = bytes.count
        while end > 0, bytes[end - 1] <= 0x20 { end -= 1 }
        // An empty line is no record; it keeps its number, so that numbers are line numbers.
        guard end > 0 else { return }
        let record = UnsafeBufferPointer(rebasing: bytes[..<end])
        guard record.count <= Self.maximumRecord else {
            return reject(number, "longer than \(Self.maximumRecord >> 20) MiB")
        }
        if input.framing == .json { json(record, number) } else { plain(record, number) }
    }

    private mutating func reject(_ number: Int64, _ reason: String) {
        if result.rejected.count < Self.maximumRejections {
            result.rejected.append(NormaliserResult.Rejection(record: number, reason: reason))
        }
    }

    private mutating func plain(_ bytes: UnsafeBufferPointer<UInt8>, _ number: Int64) {
        for index in values.indices { values[index] = nil }
        values[RecordField.text.rawValue] = .plain(bytes)
        write(number)
    }

    private mutating func json(_ bytes: UnsafeBufferPointer<UInt8>, _ number: Int64) {
        values.withUnsafeMutableBufferPointer { $0.update(repeating: nil) }
        ranks.withUnsafeMutableBufferPointer { $0.update(repeating: Int.max) }
        // Taken once, not for each member.
        let mapping = mapping
        var reader = JSONReader(bytes)
        do throws(JSONError) {
            guard try reader.peek() == .object else {
                try reader.skipValue()
                try reader.finish()
                return reject(number, "not a JSON object")
            }
            try reader.readObject { (name: JSONReader.RawString, reader: inout JSONReader) throws(JSONError) in
                guard let (field, rank) = mapping.field(name.bytes), rank <= ranks[field.rawValue] else {
                    try reader.skipValue()
                    return
                }
                let value: RecordValue?
                switch try reader.peek() {
                case .string: value = .string(try reader.readRawString())
                case .number: value = .number(try reader.skipValue())
                case .array, .object: value = .tree(try reader.skipValue())
                case .null, .bool:
                    try reader.skipValue()
                    value = nil
                }
                guard let value, !value.isEmpty else { return }
                values[field.rawValue] = value
                ranks[field.rawValue] = rank
            }
            try reader.finish()
        } catch {
            return reject(number, "not JSON: \(error)")
        }
        write(number)
    }

    private mutating func write(_ number: Int64) {
        let hasContent =
            values[RecordField.text.rawValue] != nil || values[RecordField.title.rawValue] != nil
            || values[RecordField.html.rawValue] != nil || values[RecordField.summary.rawValue] != nil
        guard hasContent else {
            return reject(
                number,
                "no text: none of the record's members is known as text, title, summary or html; remedy: name them "
                    + "under fields in the source's configuration")
        }
        writer.write(values, number: number, input: input, finisher: finisher, to: &result)
    }
}

/// A member of a record, where it stands.
enum RecordValue {
    case string(JSONReader.RawString)
    /// Text that stands for itself.
    case plain(UnsafeBufferPointer<UInt8>)
    case number(UnsafeBufferPointer<UInt8>)
    case tree(UnsafeBufferPointer<UInt8>)

    var isEmpty: Bool {
        switch self {
        case .string(let text): text.bytes.isEmpty
        case .plain(let text): text.isEmpty
        case .number(let text), .tree(let text):
            text.count <= 2 && text.first != 0x30 && !(0x31...0x39).contains(text.first ?? 0)
        }
    }
}
