import CCurl
import Document

/// What a transfer was, for the archive.
struct ArchivedPayload: Sendable, Equatable {
    /// Of the body, as in its record.
    var digest: String
    /// When that record was written.
    var date: String
}

extension Transfer {
    /// The names of headers that no archive may hold, beside those that the source's configuration sets.
    private static let secretHeaders: Set<String> = ["authorization", "proxy-authorization", "cookie"]

    /// The records of what went over the wire: the request, and the response or that it is the same as an earlier one.
    /// - Parameters:
    ///   - before: what was archived of the address the last time.
    ///   - isWhole: whether the server sent the body to its end.
    func archiveRecords(at now: Timestamp, before: ArchivedPayload?, isWhole: Bool) -> [WARCRecord] {
        var fields = [("WARC-Target-URI", current.text)]
        var address: UnsafePointer<CChar>?
        if ccurl_get_string(handle, CURLINFO_PRIMARY_IP, &address) == CURLE_OK, let address {
            fields.append(("WARC-IP-Address", String(cString: address)))
        }
        // What opens a session that is kept is as secret as a password.
        let head = Self.readable(rawHead, omitting: request.jar == nil ? [] : ["set-cookie"])
        let digest = WARCRecord.digest(body[...])
        var response = WARCRecord(
            kind: .response, date: now, fields: fields, contentType: "application/http; msgtype=response",
            block: head + body)
        if self.head.status == 304 {
            response.kind = .revisit
            response.block = head
            response.fields.append(("WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/server-not-modified"))
            if let before {
                response.fields += [("WARC-Refers-To-Target-URI", current.text), ("WARC-Refers-To-Date", before.date)]
            }
        } else if let before, before.digest == digest, wantsBody {
            response.kind = .revisit
            response.block = head
            response.fields += [
                ("WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"),
                ("WARC-Payload-Digest", digest), ("WARC-Refers-To-Target-URI", current.text),
                ("WARC-Refers-To-Date", before.date),
            ]
        } else {
            response.fields.append(("WARC-Payload-Digest", digest))
            // Of the body of a redirect or an error only the beginning is kept.
            if !isWhole || body.count < unwanted { response.fields.append(("WARC-Truncated", "length")) }
        }
        if wantsBody { archived = ArchivedPayload(digest: digest, date: now.description) }
        let secrets = Self.secretHeaders.union(request.settings.headers.map { $0.name.lowercased() })
        let asked = WARCRecord(
            kind: .request, date: now, fields: fields + [("WARC-Concurrent-To", response.id)],
            contentType: "application/http; msgtype=request", block: Self.readable(rawRequest, omitting: secrets))
        return [response, asked]
    }

    /// A head as HTTP/1.1 has it, whatever version it came in; what says how the body was transferred is put aside, since the
    /// record holds the body itself.
    private static func readable(_ raw: [UInt8], omitting secrets: Set<String>) -> [UInt8] {
        var output: [UInt8] = []
        for (index, line) in raw.split(separator: UInt8(ascii: "\n")).enumerated() {
            let text = String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
            if text.isEmpty { break }
            if index == 0 {
                output += text.replacing("HTTP/2", with: "HTTP/1.1").utf8
            } else {
                let name = text.prefix { $0 != ":" }.lowercased()
                if secrets.contains(name) { continue }
                if name == "transfer-encoding" { output += "X-Archive-Orig-".utf8 }
                output += text.utf8
            }
            output += [13, 10]
        }
        return output + [13, 10]
    }
}
