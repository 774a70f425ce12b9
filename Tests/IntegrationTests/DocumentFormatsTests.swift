import Glibc
import JSON
import Testing

/// Word, OpenDocument, EPUB, RTF and mail files, made by the tools of their kind, from a directory to the archive.
@Suite(
    .serialized,
    .enabled(
        if: RunningDaemon.isBuilt && access("/usr/bin/pandoc", X_OK) == 0, "programs not built, or pandoc not installed"
    ))
struct DocumentFormatsTests {
    let directory = Workspace()

    private let text = """
        ---
        title: The mill & the river
        author: Ann Miller
        date: 2026-03-04
        lang: en-GB
        ---

        # First chapter

        The old mill by the river has been turning for three hundred years, and people *still* bring their grain.

        - barley
        - rye

        # Second chapter

        Nobody remembers who built it ([plan](https://mill.example/plan)).
        """

    private func makeFiles(_ formats: [String]) throws {
        directory.makeDirectory("in")
        directory.write("mill.md", text)
        for format in formats {
            // `--standalone`: RTF is a fragment otherwise.
            let process = try Process(
                [
                    "/usr/bin/pandoc", "--standalone", directory.path("mill.md"), "-o",
                    directory.path("in/mill.\(format)"),
                ], errors: directory.path("pandoc.log"))
            #expect(process.waitForEnd() == 0, "\(directory.read("pandoc.log"))")
        }
    }

    @Test func aDirectoryOfDocuments() throws {
        let formats = ["docx", "odt", "epub", "rtf"]
        try makeFiles(formats)
        directory.write("in/note.eml", "Subject: A note\nMessage-ID: <1@mill.example>\n\nThe weir is open.\n")
        directory.write("in/broken.docx", "PK\u{3}\u{4} no archive")
        let daemon = try RunningDaemon(
            """
            [[sink]]
            name = "archive"
            plugin = "jsonl"
            path = "out.jsonl"
            [source.files]
            plugin = "directory"
            path = "in"
            settle = "100ms"
            """, in: directory)
        try daemon.settle(items: 6)
        let documents = daemon.lines("out.jsonl")
        for format in formats {
            let document = try #require(documents.first { $0["uri"]?.string?.hasSuffix("mill.\(format)") == true })
            let text = try #require(document["text"]?.string)
            #expect(text.contains("First chapter\n\nThe old mill by the river has been turning"), "\(format)")
            #expect(text.contains("people still bring their grain."), "\(format)")
            // RTF has no lists: their signs are part of the text.
            #expect(text.contains(format == "rtf" ? "• barley\n\n• rye" : "barley\n\nrye"), "\(format)")
            #expect(document["language"]?.string?.hasPrefix("en") == true, "\(format)")
            #expect(document["extraction"]?["method"]?.string == format)
            #expect(document["links"] == ["https://mill.example/plan"], "\(format)")
            if format == "docx" || format == "epub" {
                #expect(document["title"]?.string == "The mill & the river")
                #expect(document["authors"] == ["Ann Miller"])
                #expect(document["published"]?.string == "2026-03-04T00:00:00Z")
                // An EPUB has a title page of its own.
                #expect(format == "epub" || text.hasPrefix("First chapter"))
            }
        }
        #expect(documents.contains { $0["title"]?.string == "A note" && $0["text"]?.string == "The weir is open." })
        let letters = try daemon.get("dead-letters")["dead_letters"]?.array ?? []
        #expect(letters.count == 1)
        #expect(letters.first?["uri"]?.string?.hasSuffix("broken.docx") == true)
        #expect(letters.first?["reason"]?.string?.contains("pandoc can't read it") == true, "\(letters)")
    }
}
