import Glibc
import JSON
import Testing

@testable import Normalisation

@Suite("Mail", .enabled(if: access("/usr/bin/python3", X_OK) == 0, "python3 is not installed"))
struct MailTests {
    private let message = """
        From: =?utf-8?q?J=C3=B6rg?= Mill <joerg@mill.example>
        Subject: The =?utf-8?b?TcO8aGxl?= in
         spring
        Date: Tue, 3 Mar 2026 10:00:00 +0100
        Message-ID: <abc@mill.example>
        Keywords: water, mill
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=outer

        --outer
        Content-Type: multipart/alternative; boundary=inner

        --inner
        Content-Type: text/plain; charset=iso-8859-1
        Content-Transfer-Encoding: quoted-printable

        Sch=F6ne Gr=FC=DFe von der alten M=FChle am Fluss.

        > Wie geht es?
        Das Rad dreht sich noch immer.
        --=20
        J=F6rg Mill, +49 000
        --inner
        Content-Type: text/html

        <p>Not this</p>
        --inner--
        --outer
        Content-Type: application/pdf
        Content-Disposition: attachment; filename="plan 1.pdf"
        Content-Transfer-Encoding: base64

        JVBERi0=
        --outer
        Content-Type: message/rfc822

        From: ann@mill.example
        Subject: What was forwarded
        Content-Type: text/html

        <p>Open the <b>weir</b>.</p>
        --outer--
        """

    @Test("A message with alternatives, an attachment and a message inside")
    func whole() throws {
        let found = try documents(message, mediaType: "message/rfc822")
        let mail = try #require(found.first)
        #expect(mail["title"]?.string == "The Mühle in spring")
        #expect(mail["authors"] == ["Jörg Mill"])
        #expect(mail["published"]?.string == "2026-03-03T09:00:00Z")
        #expect(mail["source_id"]?.string == "<abc@mill.example>")
        #expect(mail["tags"] == ["water", "mill"])
        #expect(
            mail["text"]?.string
                == "Schöne Grüße von der alten Mühle am Fluss.\n\n> Wie geht es?\nDas Rad dreht sich noch immer.")
        #expect(
            mail["enclosures"] == [
                ["url": "mid:abc@mill.example/part-1#plan%201.pdf", "type": "application/pdf", "length": 5]
            ])
        #expect(found.last?["title"]?.string == "What was forwarded")
        #expect(found.last?["text"]?.string == "Open the weir.")
        #expect(found.count == 2)
    }

    @Test("A mailbox: each message is a document, by its Message-ID the same wherever it comes")
    func mailbox() throws {
        let box = """
            From a@mill.example Tue Mar  3 10:00:00 2026
            Subject: one
            Message-ID: <1@mill.example>

            First text

            From here on the river is deep.

            From b@mill.example Tue Mar  3 11:00:00 2026
            Subject: two

            >From the start
            """
        let found = try documents(box, mediaType: "application/mbox")
        #expect(found.map { $0["title"]?.string } == ["one", "two"])
        #expect(found[0]["text"]?.string?.hasSuffix("From here on the river is deep.") == true)
        let one = "Subject: one\nMessage-ID: <1@mill.example>\n\nFirst text"
        #expect(try documents(one, uri: "file:///elsewhere.eml").first?["id"] == found[0]["id"])
        #expect(found.last?["text"]?.string == "From the start")
    }

    @Test("Unknown charsets, nests and headers without end are read as far as they can be")
    func hostile() throws {
        let charset = "Subject: s\nContent-Type: text/plain; charset=nonsense\n\nStill here"
        #expect(try documents(charset, mediaType: "message/rfc822").first?["text"]?.string == "Still here")
        var nest = "Subject: nest\n"
        for depth in 0..<2000 { nest += "Content-Type: multipart/mixed; boundary=b\(depth)\n\n--b\(depth)\n" }
        let nested = try normalise(Array((nest + "\ninside").utf8), mediaType: "message/rfc822")
        #expect(nested.failure != nil || nested.documents.count == 1)
        let header = "Subject: " + String(repeating: "=?utf-8?q?a?= ", count: 20_000) + "\n\nbody"
        let long = try normalise(Array(header.utf8), mediaType: "message/rfc822")
        #expect(long.failure != nil || long.documents.count == 1)
        let nothing = try normalise(Array("\n".utf8), mediaType: "message/rfc822")
        #expect(nothing.failure != nil)
    }
}

@Suite("Converters")
struct ConverterTests {
    private func converter(_ script: String) -> Converter {
        Converter(program: "python3", arguments: ["-I", "-c", script], package: "python3")
    }

    private func reason(_ result: Result<[UInt8], ConversionFailure>) -> String? {
        if case .failure(let failure) = result { failure.reason } else { nil }
    }

    @Test("A tool that is not there is named with its Debian package")
    func missing() {
        let result = Converter(program: "no-such-tool", arguments: [], package: "no-such-package").run([])
        #expect(reason(result)?.contains("apt-get install no-such-package") == true)
    }

    @Test("A tool has no network, little memory and a clean environment, and its complaint is told")
    func limits() throws {
        let network = converter("import socket; socket.socket()").run([])
        #expect(reason(network)?.contains("Traceback") == true)
        let answer = converter(
            """
            import os, socket, sys
            try: socket.socket()
            except PermissionError: print("no network")
            try: bytearray(4 << 30)
            except MemoryError: print("no memory")
            print(sorted(os.environ), sys.stdin.buffer.read())
            """
        ).run(Array("text".utf8))
        #expect(
            String(decoding: try answer.get(), as: UTF8.self)
                == "no network\nno memory\n['HOME', 'LANG', 'PATH'] b'text'\n")
    }

    @Test("Output without end is cut off; both outputs full at once do not hang")
    func flood() throws {
        #expect(reason(converter("while True: print('x' * 100_000)").run([]))?.contains("wrote more than") == true)
        let both = converter(
            "import sys\nfor _ in range(2000):\n sys.stderr.write('e' * 999); sys.stdout.write('o' * 999)")
        #expect(try both.run([]).get().count == 2000 * 999)
    }
}
