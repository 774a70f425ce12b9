/// The mode "in body" (section 13.2.6.4.7).
extension TreeBuilder {
    mutating func inBody(_ token: inout Token) {
        switch token.kind {
        case .characters:
            if isNull(token.text) { return }
            reconstructFormatting()
            if framesetIsFine, !isSpace(token.text) { framesetIsFine = false }
            insertText(token.text)
        case .comment: insertComment(token)
        case .doctype: break
        case .startTag: bodyStartTag(&token)
        case .endTag: bodyEndTag(&token)
        case .end: if !templateModes.isEmpty { inTemplate(&token) }
        }
    }

    private mutating func bodyStartTag(_ token: inout Token) {
        switch token.tag {
        case .html:
            if !open.contains(.template), !open.isEmpty { addMissing(token, to: open[0]) }
        case _ where TagSet.inHead.contains(token.tag): inHead(&token)
        case .body:
            guard open.count > 1, open[1].isHTML(.body), !open.contains(.template) else { return }
            framesetIsFine = false
            addMissing(token, to: open[1])
        case .frameset:
            guard open.count > 1, open[1].isHTML(.body), framesetIsFine else { return }
            tree.detach(open[1].node)
            open.removeAll(from: 1)
            insertElement(token)
            mode = .inFrameset
        case _ where TagSet.simpleBlocks.contains(token.tag):
            closeParagraphInButtonScope()
            insertElement(token)
        case _ where TagSet.headings.contains(token.tag):
            closeParagraphInButtonScope()
            if isCurrent(in: .headings) { open.pop() }
            insertElement(token)
        case .pre, .listing:
            closeParagraphInButtonScope()
            insertElement(token)
            ignoresLineFeed = true
            framesetIsFine = false
        case .form:
            guard form == nil || open.contains(.template) else { return }
            closeParagraphInButtonScope()
            let node = insertElement(token)
            if !open.contains(.template) { form = node }
        case .li: listItem(token, closing: .listItems)
        case .dd, .dt: listItem(token, closing: .definitions)
        case .plaintext:
            closeParagraphInButtonScope()
            insertElement(token)
            tokenizer.mode = .plaintext
        case .button:
            if open.isInScope(.button) {
                generateImpliedEndTags()
                popUntil(.button)
            }
            reconstructFormatting()
            insertElement(token)
            framesetIsFine = false
        case .a:
            if let old = activeFormatting(.a) {
                adoptionAgency(.a, &token)
                removeFormatting(old.node)
                open.remove(node: old.node)
            }
            reconstructFormatting()
            pushFormatting(insertElement(token))
        case .nobr:
            reconstructFormatting()
            if open.isInScope(.nobr) {
                adoptionAgency(.nobr, &token)
                reconstructFormatting()
            }
            pushFormatting(insertElement(token))
        case _ where TagSet.formatting.contains(token.tag):
            reconstructFormatting()
            pushFormatting(insertElement(token))
        case .applet, .marquee, .object:
            reconstructFormatting()
            insertElement(token)
            formatting.append(.marker)
            framesetIsFine = false
        case .table:
            if !tree.isQuirky { closeParagraphInButtonScope() }
            insertElement(token)
            framesetIsFine = false
            mode = .inTable
        case .area, .br, .embed, .img, .keygen, .wbr: voidInFormatting(token)
        case .input:
            if let context, context.isHTML(.select) { return }
            if open.isInScope(.select) { popUntil(.select) }
            reconstructFormatting()
            insertVoid(token)
            if !isHiddenInput(token) { framesetIsFine = false }
        case .param, .source, .track: insertVoid(token)
        case .hr:
            closeParagraphInButtonScope()
            if open.isInScope(.select) { generateImpliedEndTags() }
            insertVoid(token)
            framesetIsFine = false
        case .image:
            token.tag = .img
            again = true
        case .textarea:
            insertTextElement(token, .rcdata)
            ignoresLineFeed = true
            framesetIsFine = false
        case .xmp:
            closeParagraphInButtonScope()
            reconstructFormatting()
            framesetIsFine = false
            insertTextElement(token, .rawtext)
        case .iframe:
            framesetIsFine = false
            insertTextElement(token, .rawtext)
        case .noembed: insertTextElement(token, .rawtext)
        case .select:
            if let context, context.isHTML(.select) { return }
            if open.isInScope(.select) { return popUntil(.select) }
            reconstructFormatting()
            insertElement(token)
            framesetIsFine = false
        case .option:
            if open.isInScope(.select) {
                generateImpliedEndTags(except: .optgroup)
            } else if isCurrent(.option) {
                open.pop()
            }
            reconstructFormatting()
            insertElement(token)
        case .optgroup:
            if open.isInScope(.select) { generateImpliedEndTags() } else if isCurrent(.option) { open.pop() }
            reconstructFormatting()
            insertElement(token)
        case .rb, .rtc:
            if open.isInScope(.ruby) { generateImpliedEndTags() }
            insertElement(token)
        case .rp, .rt:
            if open.isInScope(.ruby) { generateImpliedEndTags(except: .rtc) }
            insertElement(token)
        case .math, .svg:
            reconstructFormatting()
            insertForeign(token, token.tag == .math ? .mathML : .svg)
        case .caption, .col, .colgroup, .frame, .head, .tbody, .td, .tfoot, .th, .thead, .tr: break
        default:
            reconstructFormatting()
            insertElement(token)
        }
    }

    private mutating func addMissing(_ token: Token, to element: OpenElements.Entry) {
        tree.addMissing(token.attributes, to: element.node, limit: limits.attributes)
    }

    private mutating func voidInFormatting(_ token: Token) {
        reconstructFormatting()
        insertVoid(token)
        framesetIsFine = false
    }

    func isHiddenInput(_ token: Token) -> Bool {
        tree.attributes[token.attributes].contains {
            $0.name == .type && tree.string($0.value).lowercased() == "hidden"
        }
    }

    private mutating func listItem(_ token: Token, closing: TagSet) {
        framesetIsFine = false
        for entry in open.entries.reversed() {
            if entry.isHTML(in: closing) {
                generateImpliedEndTags(except: entry.tag)
                popUntil(entry.tag)
                break
            }
            if entry.isSpecial, !entry.isHTML(in: TagSet.passedByItems) { break }
        }
        closeParagraphInButtonScope()
        insertElement(token)
    }

    private mutating func bodyEndTag(_ token: inout Token) {
        switch token.tag {
        case .template: inHead(&token)
        case .body: if open.isInScope(.body) { mode = .afterBody }
        case .html: if open.isInScope(.body) { retake(in: .afterBody) }
        case _ where TagSet.closableBlocks.contains(token.tag):
            guard open.isInScope(token.tag) else { return }
            generateImpliedEndTags()
            popUntil(token.tag)
        case .form: endForm()
        case .p:
            if !open.isInScope(.p, .buttonScope) { insertElement(.p) }
            closeParagraph()
        case .li:
            guard open.isInScope(.li, .listScope) else { return }
            generateImpliedEndTags(except: .li)
            popUntil(.li)
        case .dd, .dt:
            guard open.isInScope(token.tag) else { return }
            generateImpliedEndTags(except: token.tag)
            popUntil(token.tag)
        case _ where TagSet.headings.contains(token.tag):
            guard open.isInScope(anyOf: .headings) else { return }
            generateImpliedEndTags()
            popUntil(in: .headings)
        case _ where TagSet.formatting.contains(token.tag): adoptionAgency(token.tag, &token)
        case .applet, .marquee, .object:
            guard open.isInScope(token.tag) else { return }
            generateImpliedEndTags()
            popUntil(token.tag)
            clearFormattingToMarker()
        case .br:
            token.attributes = 0..<0
            voidInFormatting(token)
        default: anyOtherEndTag(token.tag)
        }
    }

    private mutating func endForm() {
        if open.contains(.template) {
            guard open.isInScope(.form) else { return }
            generateImpliedEndTags()
            return popUntil(.form)
        }
        guard let node = form?.node else { return }
        form = nil
        guard open.isInScope(node: node) else { return }
        generateImpliedEndTags()
        open.remove(node: node)
    }

    // MARK: Text

    mutating func text(_ token: inout Token) {
        switch token.kind {
        case .characters: insertText(token.text)
        case .end:
            open.pop()
            tokenizer.mode = .data
            retake(in: originalMode)
        default:
            open.pop()
            mode = originalMode
        }
    }

    // MARK: After the body

    mutating func afterBody(_ token: inout Token) {
        switch token.kind {
        case .characters:
            if isSpace(token.text) { return inBody(&token) }
            let space = takeSpace(&token)
            if space.count > 0 {
                reconstructFormatting()
                insertText(space)
            }
        case .comment: return insertComment(token, into: open.entries.first?.node ?? 0)
        case .doctype: return
        case .startTag where token.tag == .html: return inBody(&token)
        case .endTag where token.tag == .html:
            if context == nil { mode = .afterAfterBody }
            return
        case .end: return
        default: break
        }
        retake(in: .inBody)
    }

    mutating func afterAfterBody(_ token: inout Token) {
        switch token.kind {
        case .comment: return insertComment(token, into: 0)
        case .doctype: return
        case .characters where isSpace(token.text): return inBody(&token)
        case .startTag where token.tag == .html: return inBody(&token)
        case .end: return
        default: retake(in: .inBody)
        }
    }

    // MARK: Framesets

    mutating func inFrameset(_ token: inout Token) {
        switch token.kind {
        case .characters: insertText(onlySpace(token.text))
        case .comment: insertComment(token)
        case .startTag:
            switch token.tag {
            case .html: inBody(&token)
            case .frameset: insertElement(token)
            case .frame: insertVoid(token)
            case .noframes: inHead(&token)
            default: break
            }
        case .endTag where token.tag == .frameset:
            guard open.count > 1 else { return }
            open.pop()
            if context == nil, !isCurrent(.frameset) { mode = .afterFrameset }
        default: break
        }
    }

    mutating func afterFrameset(_ token: inout Token) {
        switch token.kind {
        case .characters: insertText(onlySpace(token.text))
        case .comment: insertComment(token)
        case .startTag where token.tag == .html: inBody(&token)
        case .startTag where token.tag == .noframes: inHead(&token)
        case .endTag where token.tag == .html: mode = .afterAfterFrameset
        default: break
        }
    }

    mutating func afterAfterFrameset(_ token: inout Token) {
        switch token.kind {
        case .comment: insertComment(token, into: 0)
        case .characters:
            token.text = onlySpace(token.text)
            if token.text.count > 0 { inBody(&token) }
        case .startTag where token.tag == .html: inBody(&token)
        case .startTag where token.tag == .noframes: inHead(&token)
        default: break
        }
    }
}
