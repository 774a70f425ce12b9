/// The list of active formatting elements and the adoption agency (sections 13.2.4.3 and 13.2.6.4.7).
extension TreeBuilder {
    mutating func pushFormatting(_ element: OpenElements.Entry) {
        let signature = signature(of: element)
        // The Noah's Ark clause: three of the same are enough.
        var same = 0
        var index = formatting.count - 1
        while index >= 0, formatting[index].element != nil {
            if formatting[index].signature == signature {
                same += 1
                if same == 3 {
                    formatting.remove(at: index)
                    break
                }
            }
            index -= 1
        }
        if formatting.count >= Self.formattingLimit { formatting.removeFirst() }
        formatting.append(Formatting(element: element, signature: signature))
    }

    /// A number made of the name and the attributes in any order. Elements with equal numbers are taken for the same: to
    /// compare them in full would let tags with many attributes cost the square of their length, and who finds two that
    /// only have the number in common has one formatting element less in his page.
    private func signature(of element: OpenElements.Entry) -> UInt64 {
        var sum = UInt64(element.tag.rawValue)
        for index in tree.attributeRange(of: element.node) {
            let attribute = tree.attributes[index]
            var hash = 0xCBF2_9CE4_8422_2325 ^ UInt64(attribute.name.rawValue) &* 0x9E37_79B9_7F4A_7C15
            tree.withBytes(attribute.value) { for byte in $0 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 } }
            sum &+= (hash ^ hash >> 29) &* 0xBF58_476D_1CE4_E5B9
        }
        return sum
    }

    mutating func clearFormattingToMarker() {
        while let entry = formatting.popLast() { if entry.element == nil { return } }
    }

    func formattingIndex(_ node: NodeIndex) -> Int? { formatting.firstIndex { $0.element?.node == node } }

    mutating func removeFormatting(_ node: NodeIndex) {
        if let index = formattingIndex(node) { formatting.remove(at: index) }
    }

    @inline(__always) mutating func reconstructFormatting() {
        guard let last = formatting.last?.element, !open.contains(last) else { return }
        reconstructAll()
    }

    private mutating func reconstructAll() {
        var index = formatting.count - 1
        while index > 0, let element = formatting[index - 1].element, !open.contains(element) { index -= 1 }
        // Where no element fits any more, none is opened anew: each would make room for one more behind it.
        while index < formatting.count, open.count < limits.depth, var element = formatting[index].element {
            element.node = tree.copyElement(element.node)
            put(element.node, at: place())
            open.push(element)
            formatting[index].element = element
            index += 1
        }
    }

    /// The last entry of that name behind the last marker.
    func activeFormatting(_ tag: TagName) -> OpenElements.Entry? {
        for entry in formatting.reversed() {
            guard let element = entry.element else { return nil }
            if element.isHTML(tag) { return element }
        }
        return nil
    }

    /// Closes a formatting element that other elements have grown into.
    mutating func adoptionAgency(_ subject: TagName, _ token: inout Token) {
        if let last = open.last, last.isHTML(subject) {
            let isInnermost = formatting.last?.element?.node == last.node
            if isInnermost || formattingIndex(last.node) == nil {
                if isInnermost { formatting.removeLast() }
                open.pop()
                return
            }
        }
        for _ in 0..<8 {
            guard let element = activeFormatting(subject) else { return anyOtherEndTag(subject) }
            guard let elementPlace = open.lastIndex(ofNode: element.node) else { return removeFormatting(element.node) }
            guard open.isInScope(node: element.node) else { return }
            guard let blockPlace = (elementPlace + 1..<open.count).first(where: { open[$0].isSpecial }) else {
                open.removeAll(from: elementPlace)
                return removeFormatting(element.node)
            }
            adopt(element, elementPlace, blockPlace)
        }
    }

    private mutating func adopt(_ element: OpenElements.Entry, _ elementPlace: Int, _ blockPlace: Int) {
        let block = open[blockPlace].node
        guard elementPlace > 0, var bookmark = formattingIndex(element.node) else { return }
        let ancestor = open[elementPlace - 1]
        var last = block
        var place = blockPlace
        var round = 0
        while true {
            round += 1
            place -= 1
            let node = open[place].node
            if node == element.node { break }
            var entry = formattingIndex(node)
            if round > 3, let found = entry {
                formatting.remove(at: found)
                if found < bookmark { bookmark -= 1 }
                entry = nil
            }
            guard let entry else {
                open.remove(at: place)
                continue
            }
            let copy = tree.copyElement(node)
            formatting[entry].element?.node = copy
            open.replaceNode(at: place, with: copy)
            if last == block { bookmark = entry + 1 }
            tree.detach(last)
            tree.append(last, to: copy)
            last = copy
        }
        tree.detach(last)
        put(last, at: self.place(for: ancestor))
        let copy = tree.copyElement(element.node)
        tree.moveChildren(of: block, to: copy)
        tree.append(copy, to: block)
        var replacement = Formatting(element: element)
        replacement.element?.node = copy
        if let old = formattingIndex(element.node) {
            replacement.signature = formatting[old].signature
            formatting.remove(at: old)
            if old < bookmark { bookmark -= 1 }
        }
        formatting.insert(replacement, at: min(bookmark, formatting.count))
        open.remove(node: element.node)
        if let blockPlace = open.lastIndex(ofNode: block) {
            open.insert(OpenElements.Entry(node: copy, tag: element.tag, namespace: .html), at: blockPlace + 1)
        }
    }

    mutating func anyOtherEndTag(_ subject: TagName) {
        guard open.contains(subject) else { return }
        var index = open.count - 1
        while index >= 0 {
            if open[index].isHTML(subject) {
                generateImpliedEndTags(except: subject)
                return open.removeAll(from: index)
            }
            if open[index].isSpecial { return }
            index -= 1
        }
    }
}
