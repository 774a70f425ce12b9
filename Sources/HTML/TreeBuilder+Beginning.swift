/// The modes before the body (sections 13.2.6.4.1 to 6).
extension TreeBuilder {
    mutating func initial(_ token: inout Token) {
        switch token.kind {
        case .characters:
            _ = takeSpace(&token)
            guard token.text.count > 0 else { return }
        case .comment: return insertComment(token, into: 0)
        case .doctype:
            let node = document.makeNode(.doctype, text: token.text)
            document.append(node, to: 0)
            document.doctypes[node] = (token.publicID, token.systemID)
            document.isQuirky = Quirks.isQuirky(token, name: document.string(token.text))
            mode = .beforeHTML
            return
        default: break
        }
        document.isQuirky = true
        retake(in: .beforeHTML)
    }

    mutating func beforeHTML(_ token: inout Token) {
        switch token.kind {
        case .doctype: return
        case .comment: return insertComment(token, into: 0)
        case .characters:
            _ = takeSpace(&token)
            guard token.text.count > 0 else { return }
        case .startTag where token.tag == .html:
            openRoot(token.attributes)
            mode = .beforeHead
            return
        case .endTag where ![.head, .body, .html, .br].contains(token.tag): return
        default: break
        }
        openRoot([])
        retake(in: .beforeHead)
    }

    private mutating func openRoot(_ attributes: [HTMLDocument.Attribute]) {
        let node = document.makeElement(.html, .html, attributes)
        document.append(node, to: 0)
        open.append(node)
    }

    mutating func beforeHead(_ token: inout Token) {
        switch token.kind {
        case .doctype: return
        case .comment: return insertComment(token)
        case .characters:
            _ = takeSpace(&token)
            guard token.text.count > 0 else { return }
        case .startTag where token.tag == .html: return inBody(&token)
        case .startTag where token.tag == .head:
            head = insertElement(token)
            mode = .inHead
            return
        case .endTag where ![.head, .body, .html, .br].contains(token.tag): return
        default: break
        }
        head = insertElement(.head)
        retake(in: .inHead)
    }

    mutating func inHead(_ token: inout Token) {
        switch token.kind {
        case .doctype: return
        case .comment: return insertComment(token)
        case .characters:
            insertText(takeSpace(&token))
            guard token.text.count > 0 else { return }
        case .startTag: if headStartTag(&token) { return }
        case .endTag:
            switch token.tag {
            case .head:
                open.removeLast()
                mode = .afterHead
                return
            case .template: return endTemplate()
            case .body, .html, .br: break
            default: return
            }
        case .end: break
        }
        open.removeLast()
        retake(in: .afterHead)
    }

    /// Takes a start tag by the rules of the head; false where they say "anything else".
    private mutating func headStartTag(_ token: inout Token) -> Bool {
        switch token.tag {
        case .html: inBody(&token)
        case .base, .basefont, .bgsound, .link, .meta: insertVoid(token)
        case .title: insertTextElement(token, .rcdata)
        case .noframes, .style: insertTextElement(token, .rawtext)
        case .noscript:
            insertElement(token)
            mode = .inHeadNoscript
        case .script: insertTextElement(token, .scriptData)
        case .template:
            insertElement(token)
            formatting.append(.marker)
            framesetIsFine = false
            mode = .inTemplate
            templateModes.append(.inTemplate)
        case .head: break
        default: return false
        }
        return true
    }

    mutating func endTemplate() {
        guard isOpen(.template) else { return }
        generateImpliedEndTags(.thoroughlyImpliedEnd)
        popUntil(.template)
        clearFormattingToMarker()
        _ = templateModes.popLast()
        resetMode()
    }

    mutating func generateImpliedEndTags(_ set: TagSet) { generateImpliedEndTags(except: nil, set) }

    mutating func inHeadNoscript(_ token: inout Token) {
        switch token.kind {
        case .doctype: return
        case .comment: return inHead(&token)
        case .characters:
            insertText(takeSpace(&token))
            guard token.text.count > 0 else { return }
        case .startTag:
            switch token.tag {
            case .html: return inBody(&token)
            case .basefont, .bgsound, .link, .meta, .noframes, .style: return inHead(&token)
            case .head, .noscript: return
            default: break
            }
        case .endTag:
            if token.tag == .noscript {
                open.removeLast()
                mode = .inHead
                return
            }
            if token.tag != .br { return }
        case .end: break
        }
        open.removeLast()
        retake(in: .inHead)
    }

    mutating func afterHead(_ token: inout Token) {
        switch token.kind {
        case .doctype: return
        case .comment: return insertComment(token)
        case .characters:
            insertText(takeSpace(&token))
            guard token.text.count > 0 else { return }
        case .startTag:
            switch token.tag {
            case .html: return inBody(&token)
            case .body:
                insertElement(token)
                framesetIsFine = false
                mode = .inBody
                return
            case .frameset:
                insertElement(token)
                mode = .inFrameset
                return
            case _ where TagSet.inHead.contains(token.tag):
                let head = head
                open.append(head)
                inHead(&token)
                open.removeAll { $0 == head }
                return
            case .head: return
            default: break
            }
        case .endTag:
            if token.tag == .template { return inHead(&token) }
            if ![.body, .html, .br].contains(token.tag) { return }
        case .end: break
        }
        insertElement(.body)
        retake(in: .inBody)
    }
}

/// Doctypes that ask for the layout of old browsers (section 13.2.6.4.1).
enum Quirks {
    static func isQuirky(_ token: Token, name: String) -> Bool {
        if token.forcesQuirks || name != "html" { return true }
        let publicID = token.publicID?.lowercased() ?? ""
        let systemID = token.systemID?.lowercased()
        if ["-//w3o//dtd w3 html strict 3.0//en//", "-/w3c/dtd html 4.0 transitional/en", "html"].contains(publicID) {
            return true
        }
        if systemID == "http://www.ibm.com/data/dtd/v11/ibmxhtml1-transitional.dtd" { return true }
        if prefixes.contains(where: { publicID.hasPrefix($0) }) { return true }
        let old = ["-//w3c//dtd html 4.01 frameset//", "-//w3c//dtd html 4.01 transitional//"]
        return systemID == nil && old.contains { publicID.hasPrefix($0) }
    }

    private static let prefixes = [
        "+//silmaril//dtd html pro v0r11 19970101//", "-//as//dtd html 3.0 aswedit + extensions//",
        "-//advasoft ltd//dtd html 3.0 aswedit + extensions//", "-//ietf//dtd html ", "-//ietf//dtd html//",
        "-//metrius//dtd metrius presentational//", "-//microsoft//dtd internet explorer 2.0 ",
        "-//microsoft//dtd internet explorer 3.0 ", "-//netscape comm. corp.//dtd ",
        "-//o'reilly and associates//dtd html ",
        "-//sq//dtd html 2.0 hotmetal + extensions//", "-//softquad software//dtd hotmetal pro ",
        "-//softquad//dtd hotmetal pro ", "-//spyglass//dtd html 2.0 extended//",
        "-//sun microsystems corp.//dtd hotjava ",
        "-//w3c//dtd html 3 1995-03-24//", "-//w3c//dtd html 3.2", "-//w3c//dtd html 4.0 frameset//",
        "-//w3c//dtd html 4.0 transitional//", "-//w3c//dtd html experimental ", "-//w3c//dtd w3 html 3.0//",
        "-//w3o//dtd w3 html 3.0//", "-//webtechs//dtd mozilla html ",
    ]
}
