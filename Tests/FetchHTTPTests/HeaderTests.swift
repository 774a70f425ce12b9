import Document
import PluginProtocol
import Testing

@testable import HTTPFetching

@Suite("Headers")
struct HeaderTests {
    @Test("Content-Type")
    func contentType() {
        func parse(_ value: String) -> [String?] { [ContentType(value).mediaType, ContentType(value).charset] }
        #expect(parse("text/html") == ["text/html", nil])
        #expect(parse("Text/HTML; Charset=\"UTF-8\"") == ["text/html", "utf-8"])
        #expect(
            parse("application/xml ; q=\"a;charset=x\" ; charset = windows-1252") == [
                "application/xml", "windows-1252",
            ])
        #expect(parse("text/html;charset='iso-8859-1'") == ["text/html", "iso-8859-1"])
        #expect(parse("html; charset=utf-8") == [nil, "utf-8"])
        #expect(parse("; ;;=; charset=") == [nil, nil])
        #expect(parse("text/html; charset=" + String(repeating: "x", count: 1000)) == ["text/html", nil])
        #expect(parse("text/html; charset=\"utf-8") == ["text/html", "utf-8"])
    }

    private let now = Timestamp(year: 2026, month: 11, day: 24, hour: 12)

    @Test("Retry-After as seconds and as a date")
    func retryAfter() {
        #expect(ReturnHints.retryAfter("120", now: now) == 120)
        #expect(ReturnHints.retryAfter("Tue, 24 Nov 2026 12:10:00 GMT", now: now) == 600)
        #expect(ReturnHints.retryAfter("Tuesday, 24-Nov-26 12:10:00 GMT", now: now) == 600)
        #expect(ReturnHints.retryAfter("Tue Nov 24 12:10:00 2026", now: now) == 600)
        #expect(ReturnHints.retryAfter("Tue, 24 Nov 2020 12:10:00 GMT", now: now) == 0)
        #expect(ReturnHints.retryAfter("99999999999999999999999", now: now) == ReturnHints.longest)
        #expect(ReturnHints.retryAfter("-5", now: now) == nil)
        #expect(ReturnHints.retryAfter("soon", now: now) == nil)
        #expect(ReturnHints.retryAfter("", now: now) == nil)
    }

    @Test("How long a response stays fresh")
    func freshness() {
        func seconds(_ headers: NamedTexts) -> Double? { ReturnHints.freshness(headers, now: now) }
        #expect(seconds(["cache-control": "public, max-age=600"]) == 600)
        #expect(seconds(["cache-control": "Max-Age=\"600\"", "age": "100"]) == 500)
        #expect(seconds(["cache-control": "max-age=10", "age": "100"]) == 0)
        #expect(seconds(["cache-control": "no-cache, max-age=600"]) == nil)
        #expect(seconds(["cache-control": "max-age=99999999999999999999"]) == ReturnHints.longest)
        #expect(seconds(["cache-control": "max-age=-1"]) == nil)
        #expect(seconds(["cache-control": ",=,;"]) == nil)
        #expect(seconds(["expires": "Tue, 24 Nov 2026 12:05:00 GMT"]) == 300)
        #expect(
            seconds(["expires": "Tue, 24 Nov 2026 12:05:00 GMT", "date": "Tue, 24 Nov 2026 12:04:00 GMT"]) == 60)
        #expect(seconds(["expires": "0"]) == nil)
        #expect(seconds([:]) == nil)
    }

    private func head(_ lines: String...) -> ResponseHead {
        var head = ResponseHead()
        for line in lines { _ = Array((line + "\r\n").utf8).withUnsafeBufferPointer { head.push($0) } }
        return head
    }

    @Test("A head keeps what is of interest, names in lower case")
    func head() {
        let head = head(
            "HTTP/1.1 200 All is well", "ETag: \"a\"", "Set-Cookie: secret=1", "LINK: <a>; rel=next", "Link: <b>",
            "Content-Type: text/html", "Content-Type: text/plain", "nonsense", ": x", "Location: /x", "Age:")
        #expect(head.status == 200)
        #expect(head.reason == "All is well")
        #expect(
            head.forItem == ["etag": "\"a\"", "link": "<a>; rel=next, <b>", "content-type": "text/plain"])
        #expect(head.headers["location"] == "/x")
    }

    @Test("The next status line starts over, as after 100 Continue")
    func interim() {
        let head = head("HTTP/1.1 103 Early Hints", "Link: <a>", "", "HTTP/2 404", "")
        #expect(head.status == 404)
        #expect(head.headers.isEmpty)
    }

    @Test("A flood of headers ends at the limit")
    func flood() {
        var head = ResponseHead()
        let line = Array(("link: " + String(repeating: "x", count: 1000) + "\r\n").utf8)
        var taken = 0
        while line.withUnsafeBufferPointer({ head.push($0) }), taken < 10_000 { taken += 1 }
        #expect(taken == ResponseHead.limit / line.count)
    }

    @Test("What can't be a header's value")
    func values() {
        #expect(!HeaderText.isValue("a\r\nX: y"))
        #expect(!HeaderText.isValue("a\u{0}"))
        #expect(HeaderText.isValue("añ b\t"))
        #expect(!HeaderText.isToken("a b"))
        #expect(!HeaderText.isToken(""))
    }
}
