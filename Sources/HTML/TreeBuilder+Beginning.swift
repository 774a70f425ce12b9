/// The modes before the body (sections 13.2.6.4.1 to 6).
extension TreeBuilder {
    mutating func initial(_ token: inout Token) {
        switch token.kind {
        case .characters:
            _ = takeSpace(&token)
            guard token.text.count > 0 else { return }
        case .comment: return insertComment(token, into: 0)
        case .doctype:
            let node = tree.makeNode(.doctype, text: token.text)
            tree.append(node, to: 0)
            tree.doctypes[node] = HTMLTree.Doctype(publicID: token.publicID, systemID: token.systemID)
            tree.isQuirky = Quirks.isQuirky(token, tree)
            mode = .beforeHTML
            return
        default: break
        }
        tree.isQuirky = true
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
        openRoot(0..<0)
        retake(in: .beforeHead)
    }

    private mutating func openRoot(_ attributes: Range<Int>) {
        let node = tree.makeElement(.html, .html, attributes)
        tree.append(node, to: 0)
        open.push(OpenElements.Entry(node: node, tag: .html, namespace: .html))
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
                open.pop()
                mode = .afterHead
                return
            case .template: return endTemplate()
            case .body, .html, .br: break
            default: return
            }
        case .end: break
        }
        open.pop()
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
        guard open.contains(.template) else { return }
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
                open.pop()
                mode = .inHead
                return
            }
            if token.tag != .br { return }
        case .end: break
        }
        open.pop()
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
                if let head { open.push(head) }
                inHead(&token)
                if let head { open.remove(node: head.node) }
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
    static func isQuirky(_ token: Token, _ tree: HTMLTree) -> Bool {
        if token.forcesQuirks || tree.string(token.text) != "html" { return true }
        let publicID = token.publicID.map(tree.string)?.lowercased() ?? ""
        let systemID = token.systemID.map(tree.string)?.lowercased()
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
